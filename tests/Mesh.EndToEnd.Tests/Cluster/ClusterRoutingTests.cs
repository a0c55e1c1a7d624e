using System.Globalization;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>Rules of traffic on a given cluster, with the committed samples: each holds for every request from Programmed on.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterRoutingTests(ClusterBookinfo bookinfo)
{
    [Fact]
    public async Task Jason_is_on_v2_and_nobody_else()
    {
        await bookinfo.ReadyAsync();
        bookinfo.ApplySample("jason-v2.yaml");
        bookinfo.Programmed("virtualservice/reviews");
        Assert.All(bookinfo.Reviews(50, "end-user: jason"), version => Assert.Equal("v2", version));
        Assert.All(bookinfo.Reviews(50, "end-user: jasonx"), version => Assert.Equal("v1", version));
        Assert.All(bookinfo.Reviews(50), version => Assert.Equal("v1", version));
    }

    [Fact]
    public async Task Weights_hold_and_a_deleted_rule_gives_all_versions_back()
    {
        await bookinfo.ReadyAsync();
        bookinfo.ApplySample("split-90-10.yaml");
        bookinfo.Programmed("virtualservice/reviews");
        var versions = bookinfo.Reviews(500);
        Assert.All(versions, version => Assert.Contains(version, new[] { "v1", "v3" }));
        // Five standard deviations about 50.
        Assert.InRange(versions.Count(version => version == "v3"), 16, 84);
        bookinfo.Kubectl("delete", "virtualservice", "reviews");
        await Eventually.True(() => bookinfo.Reviews(60).Distinct().Order(StringComparer.Ordinal).SequenceEqual(["v1", "v2", "v3"]), "all three versions answer again");
    }

    [Fact]
    public async Task Retries_hide_a_service_that_fails_every_second_time()
    {
        await bookinfo.ReadyAsync();
        bookinfo.ApplySample("retry.yaml");
        try
        {
            bookinfo.Kubectl("rollout", "status", "deployment/ratings-v-faulty", "--timeout=120s");
            bookinfo.Programmed("virtualservice/ratings");
            Assert.All(bookinfo.Codes("http://ratings:9080/ratings/0", 30), code => Assert.Equal("200", code));
        }
        finally
        {
            bookinfo.Kubectl("delete", "deployment", "ratings-v-faulty");
        }
    }

    [Fact]
    public async Task A_timeout_answers_504_in_its_time()
    {
        await bookinfo.ReadyAsync();
        bookinfo.ApplySample("timeout.yaml");
        try
        {
            bookinfo.Kubectl("rollout", "status", "deployment/ratings-v-delayed", "--timeout=120s");
            bookinfo.Programmed("virtualservice/ratings");
            var answers = bookinfo.Ask("http://ratings:9080/ratings/0", 6).Select(line => line.Split(' ')).ToList();
            Assert.Equal(["200", "504"], answers.Select(words => words[0]).Distinct().Order(StringComparer.Ordinal));
            Assert.All(answers, words => Assert.InRange(double.Parse(words[2], CultureInfo.InvariantCulture), 0, 5));
        }
        finally
        {
            bookinfo.Kubectl("delete", "deployment", "ratings-v-delayed");
        }
    }

    [Fact]
    public async Task Faults_meet_only_those_they_are_for()
    {
        await bookinfo.ReadyAsync();
        bookinfo.Apply("""
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: ratings}
            spec:
              hosts: [ratings]
              http:
                - match: [{headers: {end-user: {exact: jason}}}]
                  fault: {abort: {percentage: {value: 100}, httpStatus: 418}}
                  route: [{destination: {host: ratings}}]
                - route: [{destination: {host: ratings}}]
            """);
        bookinfo.Programmed("virtualservice/ratings");
        Assert.All(bookinfo.Codes("http://ratings:9080/ratings/0", 20, "end-user: jason"), code => Assert.Equal("418", code));
        Assert.All(bookinfo.Codes("http://ratings:9080/ratings/0", 20), code => Assert.Equal("200", code));
    }

    [Fact]
    public async Task A_name_that_only_a_ServiceEntry_knows_resolves_and_obeys_rules()
    {
        await bookinfo.ReadyAsync();
        var address = (string)bookinfo.Get("pod", bookinfo.Pod("details"))["status"]!["podIP"]!;
        bookinfo.Apply($$$$"""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: partner}
            spec:
              hosts: [api.partner.example]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 80, name: http, protocol: HTTP, targetPort: 9080}]
              endpoints: [{address: {{{{address}}}}}]
            """);
        await Eventually.True(() => bookinfo.Codes("http://api.partner.example/health", 5).All(code => code == "200"), "the name resolves and leads to its endpoint", TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Rules_that_need_each_other_change_under_load_in_both_orders_without_a_failed_request()
    {
        await bookinfo.ReadyAsync();
        bookinfo.Apply(Subset("s0", "v1"));
        bookinfo.Apply(Route("s0"));
        bookinfo.Kubectl("wait", "--for=condition=Ready", "virtualservice/reviews", "--timeout=60s");
        using var over = new CancellationTokenSource();
        var traffic = Task.Run(() =>
        {
            var answers = new List<string>();
            while (!over.IsCancellationRequested) answers.AddRange(bookinfo.Reviews(100));
            return answers;
        });
        for (var round = 1; round <= 6; round++)
        {
            string[] rules = [Route($"s{round}"), Subset($"s{round}", round % 2 == 0 ? "v1" : "v3")];
            if (round % 2 == 0) Array.Reverse(rules);
            foreach (var rule in rules) bookinfo.Apply(rule);
            bookinfo.Kubectl("wait", "--for=condition=Ready", "virtualservice/reviews", "--timeout=60s");
        }

        await over.CancelAsync();
        var all = await traffic;
        Assert.NotEmpty(all);
        Assert.All(all, answer => Assert.StartsWith("v", answer, StringComparison.Ordinal));
    }

    private static string Subset(string name, string version) => $$$$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: reviews}
        spec: {host: reviews, subsets: [{name: {{{{name}}}}, labels: {version: {{{{version}}}}}}]}
        """;

    private static string Route(string subset) => $$$$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews}
        spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: {{{{subset}}}}}}]}]}
        """;
}
