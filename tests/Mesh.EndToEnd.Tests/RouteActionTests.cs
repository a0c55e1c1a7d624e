using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>What rules do with requests beside choosing where they go, with the committed samples, from YAML to the wire.</summary>
[Collection(MeshCollection.Name)]
public sealed class RouteActionTests(RunningMesh running)
{
    [Fact]
    public async Task Clients_are_redirected()
    {
        var mesh = await Applied("redirect.yaml", "ratings");

        Assert.Equal("308 http://ratings:9080/v2/ratings/3?x=1", Curl(mesh, "%{http_code} %{redirect_url}", "http://ratings:9080/v1/ratings/3?x=1"));
        Assert.Equal("302 https://login.example.org/", Curl(mesh, "%{http_code} %{redirect_url}", "http://ratings:9080/login"));
        Assert.Equal("200 ", Curl(mesh, "%{http_code} %{redirect_url}", "http://ratings:9080/ratings/0"));
    }

    [Fact]
    public async Task A_rule_answers_by_itself()
    {
        var mesh = await Applied("direct-response.yaml", "ratings");

        Assert.Equal("403 application/json 26", Curl(mesh, "%{http_code} %{content_type} %{size_download}", "http://ratings:9080/admin/x"));
    }

    [Fact]
    public async Task Paths_are_rewritten()
    {
        var mesh = await Applied("rewrite.yaml", "ratings");

        Assert.Contains("\"id\":7", Ask(mesh, "-s", "http://ratings:9080/stars/7"), StringComparison.Ordinal);
        Assert.Contains("\"id\":8", Ask(mesh, "-s", "http://ratings:9080/products/8/ratings"), StringComparison.Ordinal);
        Assert.Equal("404", Curl(mesh, "%{http_code}", "http://ratings:9080/elsewhere"));
    }

    [Fact]
    public async Task Faults_meet_whom_they_are_for()
    {
        var mesh = await running.Ready();
        mesh.Apply(File.ReadAllText(Repository.Path("config/samples/fault.yaml")).Replace("value: 10", "value: 100", StringComparison.Ordinal).Replace("value: 1\n", "value: 100\n", StringComparison.Ordinal).Replace("7s", "1s", StringComparison.Ordinal));
        mesh.WaitFor("Programmed", "virtualservice/ratings");

        var jason = Ask(mesh, "-s", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", "-H", "end-user: jason", "http://ratings:9080/ratings/0").Split(' ');
        Assert.Equal("500", jason[0]);
        Assert.True(double.Parse(jason[1], System.Globalization.CultureInfo.InvariantCulture) >= 1, "the delay came before the abort");
        Assert.Equal("200", Curl(mesh, "%{http_code}", "http://ratings:9080/ratings/0"));
    }

    [Fact]
    public async Task Preflights_are_answered_for_origins_that_are_let_in()
    {
        var mesh = await Applied("cors.yaml", "ratings");

        var answer = Ask(mesh, "-s", "-i", "-X", "OPTIONS", "-H", "Origin: https://shop.example.org", "-H", "Access-Control-Request-Method: GET", "http://ratings:9080/ratings/0");

        Assert.Contains("access-control-allow-origin: https://shop.example.org\r\n", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("access-control-allow-methods: GET,POST\r\n", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("access-control-allow-origin", Ask(mesh, "-s", "-i", "-H", "Origin: https://evil.example.org", "http://ratings:9080/ratings/0"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Headers_are_added_to_answers()
    {
        var mesh = await Applied("headers.yaml", "reviews");

        Assert.Matches("(?i)x-from: [0-9.]+:9080\r\n", Ask(mesh, "-s", "-i", "http://reviews:9080/reviews/0"));
    }

    [Fact]
    public async Task A_mirror_gets_copies_and_the_client_only_the_answers()
    {
        var mesh = await Applied("mirror.yaml", "reviews");

        Assert.All(mesh.Reviews(40), version => Assert.Equal("v1", version));

        var shadow = mesh.Pod("reviews", "v2");
        await Eventually.True(() => mesh.Kubectl("logs", shadow, "-c", "mesh-proxy", "--tail=200").Contains("GET /reviews/0?n=", StringComparison.Ordinal), "version 2 has seen copies");
    }

    private async Task<LocalMesh> Applied(string sample, string rule)
    {
        var mesh = await running.Ready();
        mesh.ApplySample(sample);
        mesh.WaitFor("Programmed", $"virtualservice/{rule}");
        return mesh;
    }

    private static string Curl(LocalMesh mesh, string format, string url) => Ask(mesh, "-s", "-o", "/dev/null", "-w", format, url);

    private static string Ask(LocalMesh mesh, params string[] arguments)
    {
        var run = mesh.Exec(mesh.Pod("productpage"), "productpage", ["curl", "--max-time", "20", .. arguments]);
        Assert.True(run.ExitCode == 0, $"curl from productpage: exit {run.ExitCode} {run.Error}");
        return run.Output;
    }
}
