using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>What a newcomer tries first, with the committed samples.</summary>
[Collection(MeshCollection.Name)]
public sealed class RoutingTests(RunningMesh running)
{
    [Fact]
    public async Task Without_a_route_all_three_versions_answer()
    {
        var mesh = await running.Ready();
        await Eventually.True(() => mesh.Reviews(60).Distinct().Order(StringComparer.Ordinal).SequenceEqual(["v1", "v2", "v3"]), "v1, v2 and v3 answer");
    }

    [Fact]
    public async Task After_Programmed_every_one_of_200_requests_lands_on_v1()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("all-v1.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        Assert.All(mesh.Reviews(200), version => Assert.Equal("v1", version));
    }

    [Fact]
    public async Task Jason_is_on_v2_and_nobody_else()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("jason-v2.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        Assert.All(mesh.Reviews(50, "end-user: jason"), version => Assert.Equal("v2", version));
        Assert.All(mesh.Reviews(50, "end-user: jasonx"), version => Assert.Equal("v1", version));
        Assert.All(mesh.Reviews(50), version => Assert.Equal("v1", version));
    }

    [Theory]
    [InlineData("split-50-50.yaml", 500, 0.5)]
    [InlineData("split-90-10.yaml", 500, 0.1)]
    public async Task Weights_hold_within_statistical_bounds(string sample, int requests, double shareOfV3)
    {
        var mesh = await running.Ready();
        mesh.ApplySample(sample);
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        var versions = mesh.Reviews(requests);
        Assert.All(versions, version => Assert.Contains(version, new[] { "v1", "v3" }));
        // Five standard deviations: a false alarm once in two million runs.
        var bound = 5 * Math.Sqrt(requests * shareOfV3 * (1 - shareOfV3));
        Assert.InRange(versions.Count(version => version == "v3"), requests * shareOfV3 - bound, requests * shareOfV3 + bound);
    }

    [Fact]
    public async Task An_edit_moves_traffic_and_a_deleted_route_gives_all_versions_back()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("split-50-50.yaml");
        mesh.Kubectl("patch", "virtualservice", "reviews", "--type=json", "-p",
            """[{"op":"replace","path":"/spec/http/0/route","value":[{"destination":{"host":"reviews","subset":"v3"}}]}]""");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        Assert.All(mesh.Reviews(100), version => Assert.Equal("v3", version));
        mesh.Kubectl("delete", "virtualservice", "reviews");
        await Eventually.True(() => mesh.Reviews(60).Distinct().Count() == 3, "all three versions answer again");
    }

    [Fact]
    public async Task A_failing_service_is_hidden_by_retries()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("retry.yaml");
        mesh.Kubectl("rollout", "status", "deployment/ratings-v-faulty", "--timeout=60s");
        mesh.WaitFor("Programmed", "virtualservice/ratings");
        try
        {
            var ratings = mesh.Exec(mesh.Pod("reviews", "v2"), "reviews", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\\n", "http://ratings:9080/ratings/0?n=[1-30]");
            Assert.All(ratings.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), code => Assert.Equal("200", code));
        }
        finally
        {
            mesh.Kubectl("delete", "deployment", "ratings-v-faulty");
        }
    }

    [Fact]
    public async Task A_slow_service_is_cut_off_at_the_timeout_with_504()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("timeout.yaml");
        mesh.Kubectl("rollout", "status", "deployment/ratings-v-delayed", "--timeout=60s");
        mesh.WaitFor("Programmed", "virtualservice/ratings");
        try
        {
            var ratings = mesh.Exec(mesh.Pod("reviews", "v2"), "reviews", "curl", "-s", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}\\n", "http://ratings:9080/ratings/0?n=[1-4]");
            var codes = ratings.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(4, codes.Length);
            Assert.Equal(2, codes.Count(code => code == "504"));
            Assert.Equal(2, codes.Count(code => code == "200"));
        }
        finally
        {
            mesh.Kubectl("delete", "deployment", "ratings-v-delayed");
        }
    }

    [Fact]
    public async Task The_page_shows_who_answered_and_follows_the_user()
    {
        var mesh = await running.Ready();
        mesh.ApplySample("jason-v2.yaml");
        mesh.WaitFor("Programmed", "virtualservice/reviews");
        var page = mesh.Exec(mesh.Pod("productpage"), "productpage", "curl", "-s", "-H", "cookie: bookinfo-user=jason", "http://productpage:9080/productpage").Output;
        Assert.Contains("The Comedy of Errors", page, StringComparison.Ordinal);
        Assert.Contains(mesh.Pod("reviews", "v2"), page, StringComparison.Ordinal);
        Assert.Contains("stars black", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_is_reached_from_this_machine()
    {
        var mesh = await running.Ready();
        var address = (string)System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(Repository.Path($".mesh/{mesh.Name}/mesh.json")))!["page"]!;
        using var http = new HttpClient();
        Assert.Contains("The Comedy of Errors", await http.GetStringAsync(new Uri(address)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_sample_is_taken()
    {
        var mesh = await running.Ready();
        foreach (var sample in Directory.EnumerateFiles(Repository.Path("config/samples"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            mesh.Kubectl("apply", "--dry-run=server", "-f", sample);
    }
}
