using System.Text.Json.Nodes;

namespace Mesh.Cli.Tests;

/// <summary>What `mesh route` answers: the members scripts read, and the words people read.</summary>
public sealed class RouteCommandTests
{
    private const string World = """
        apiVersion: v1
        kind: Service
        metadata: {name: reviews, namespace: default}
        spec: {ports: [{name: http, port: 9080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: db, namespace: default}
        spec: {ports: [{name: tcp, port: 5432}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: reviews, namespace: default}
        spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: reviews, namespace: default, creationTimestamp: "2026-01-01T00:00:00Z"}
        spec:
          hosts: [reviews]
          http:
            - name: jason
              match: [{headers: {end-user: {exact: jason}}}]
              timeout: 3s
              rewrite: {uri: /v2/, authority: two.internal}
              headers: {request: {set: {x-who: jason}}}
              fault: {delay: {fixedDelay: 2s, percentage: {value: 50}}}
              mirror: {host: reviews, subset: v1}
              route: [{destination: {host: reviews, subset: v2}}]
            - match: [{uri: {prefix: /old}}]
              redirect: {uri: /new, redirectCode: 302}
            - match: [{uri: {exact: /tea}}]
              directResponse: {status: 418}
            - match: [{uri: {prefix: /canary}, sourceLabels: {app: test}}]
              route: [{destination: {host: reviews, subset: v1}, weight: 3}, {destination: {host: reviews, subset: v2}, weight: 1}]
            - match: [{uri: {prefix: /gone}}]
              route: [{destination: {host: reviews, subset: v9}}]
            - match: [{method: {exact: GET}}]
              route: [{destination: {host: reviews, subset: v1}}]
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: younger, namespace: default, creationTimestamp: "2026-02-01T00:00:00Z"}
        spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: tenants, namespace: default}
        spec: {ports: [{name: https, port: 443}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: db, namespace: default}
        spec: {hosts: [db], tcp: [{match: [{destinationSubnets: [10.9.0.0/16]}], route: [{destination: {host: reviews}}]}, {match: [{port: 5432}], route: [{destination: {host: db}, weight: 1}, {destination: {host: tenants}, weight: 4}]}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: tenants, namespace: default}
        spec: {hosts: [tenants, "*.example.org"], tls: [{match: [{sniHosts: [red.example.org]}], route: [{destination: {host: db}}]}, {match: [{sniHosts: ["*.example.org"]}], route: [{destination: {host: tenants}}]}]}
        """;

    [Fact]
    public async Task A_request_is_followed_to_its_cluster_and_every_rule_on_the_way_says_why()
    {
        var answer = await Json("--from", "default", "--to", "http://reviews:9080/x");
        Assert.Equal("route", answer["outcome"]!.ToString());
        Assert.Equal("default/reviews", answer["virtualService"]!.ToString());
        Assert.Equal("http[5]", answer["rule"]!.ToString());
        Assert.Equal("outbound|9080|v1|reviews.default.svc.cluster.local", answer["destinations"]![0]!["cluster"]!.ToString());
        Assert.Equal(
            [
                "VirtualService default/younger has no say: VirtualService default/reviews is older",
                "default/reviews http[0] \"jason\": headers end-user: exact \"jason\" asked, none given",
                "default/reviews http[1]: uri prefix \"/old\" asked, \"/x\" given",
                "default/reviews http[2]: uri exact \"/tea\" asked, \"/x\" given",
                "default/reviews http[3]: not for this caller: sourceLabels app=test asked, the caller does not carry them all",
                "default/reviews http[4]: uri prefix \"/gone\" asked, \"/x\" given",
                "default/reviews http[5]: matches: method exact \"GET\"",
            ],
            answer["why"]!.AsArray().Select(line => line!.ToString()));
    }

    [Fact]
    public async Task What_a_rule_does_on_the_way_is_told_member_by_member()
    {
        var answer = await Json("--from", "default", "--to", "http://reviews:9080/x", "-H", "End-User: jason");
        Assert.Equal("jason", answer["ruleName"]!.ToString());
        Assert.Equal("jason", answer["route"]!.ToString());
        Assert.Equal("/v2/x", answer["rewrite"]!["path"]!.ToString());
        Assert.Equal("two.internal", answer["rewrite"]!["authority"]!.ToString());
        Assert.Equal("jason", answer["headers"]!["request"]!["set"]!["x-who"]!.ToString());
        Assert.Equal("2s", answer["fault"]!["delay"]!["fixedDelay"]!.ToString());
        Assert.Equal("outbound|9080|v1|reviews.default.svc.cluster.local", answer["mirrors"]![0]!["cluster"]!.ToString());
        Assert.Null(answer["timeout"]); // not with a fault
    }

    [Theory]
    [InlineData("http://reviews:9080/old/x", "redirect", 302)]
    [InlineData("http://reviews:9080/tea", "directResponse", 418)]
    [InlineData("http://reviews:9080/gone", "route", 503)]
    [InlineData("http://elsewhere.example.org/", "passthrough", null)]
    [InlineData("tcp://db:5432", "route", null)]
    public async Task Each_outcome_has_its_word(string to, string outcome, int? status)
    {
        var answer = await Json("--from", "default", "--to", to);
        Assert.Equal(outcome, answer["outcome"]!.ToString());
        Assert.Equal(status, (int?)answer["status"]);
    }

    [Theory]
    [InlineData("tcp://db:5432", "", "route", "default/db", "tcp[1]", "outbound|5432||db.default.svc.cluster.local 1 outbound|443||tenants.default.svc.cluster.local 4")]
    [InlineData("https://tenants", "red.example.org", "route", "default/tenants", "tls[0]", "outbound|5432||db.default.svc.cluster.local 100")]
    [InlineData("https://tenants", "blue.example.org", "route", "default/tenants", "tls[1]", "outbound|443||tenants.default.svc.cluster.local 100")]
    [InlineData("https://tenants", "elsewhere.org", "passthrough", null, null, "PassthroughCluster 100")]
    public async Task Connections_go_by_address_and_server_name(string to, string sni, string outcome, string? owner, string? rule, string destinations)
    {
        var answer = await Json(["--from", "default", "--to", to, .. sni.Length > 0 ? new[] { "--sni", sni } : []]);
        Assert.Equal((outcome, owner, rule), (answer["outcome"]!.ToString(), answer["virtualService"]?.ToString(), answer["rule"]?.ToString()));
        Assert.Equal(destinations, string.Join(' ', answer["destinations"]!.AsArray().Select(destination => $"{destination!["cluster"]} {destination["weight"]}")));
    }

    [Theory]
    [InlineData("http://reviews:9080")]
    [InlineData("http://reviews:9080?page=1")]
    [InlineData("reviews:9080")]
    public async Task A_url_without_a_path_asks_for_the_root(string to)
    {
        var answer = await Json("--from", "default", "--to", to);
        Assert.Contains(answer["why"]!.AsArray(), line => line!.ToString() == "default/reviews http[1]: uri prefix \"/old\" asked, \"/\" given");
    }

    [Fact]
    public async Task No_rule_for_a_request_is_404()
    {
        var answer = await Json("--from", "default", "--to", "http://reviews:9080/x", "-X", "POST");
        Assert.Equal("notFound", answer["outcome"]!.ToString());
        Assert.Equal(404, (int)answer["status"]!);
        Assert.Contains(answer["why"]!.AsArray(), line => line!.ToString() == "default/reviews http[5]: method exact \"GET\" asked, \"POST\" given");
    }

    [Fact]
    public async Task The_labels_of_a_caller_count()
    {
        var answer = await Json("--from", "default?app=test", "--to", "http://reviews:9080/canary");
        Assert.Equal([3, 1], answer["destinations"]!.AsArray().Select(destination => (int)destination!["weight"]!));
    }

    [Fact]
    public async Task People_read_first_what_happens_then_why()
    {
        var (code, text, _) = await Run("--from", "default?app=test", "--to", "http://reviews:9080/canary");
        Assert.Equal(ExitCodes.Fine, code);
        Assert.StartsWith("GET http://reviews:9080/canary from default?app=test\n  goes to\n  by       VirtualService default/reviews, http[3]\n     75 %  outbound|9080|v1|", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--gateway", "istio-system/ingress", "gateways")]
    [InlineData("--from", "default/nobody", "there is no pod default/nobody")]
    [InlineData("--from", "?app=x", "--from")]
    public async Task What_cannot_be_answered_is_refused_with_2(string option, string value, string said)
    {
        var (code, _, error) = await Run(option, value, "--to", "http://reviews:9080/");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    private static async Task<JsonObject> Json(params string[] args)
    {
        var (code, text, error) = await Run([.. args, "-o", "json"]);
        Assert.Equal((ExitCodes.Fine, ""), (code, error));
        return JsonNode.Parse(text)!.AsObject();
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await MeshCommand.RunAsync(["route", "-f", "-", .. args], output, error, new StringReader(World));
        return (code, output.ToString(), error.ToString());
    }
}
