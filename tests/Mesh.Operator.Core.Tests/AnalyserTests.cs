using Mesh.Operator.Core.Planning;

namespace Mesh.Operator.Core.Tests;

/// <summary>What is found between objects where Istio has no code: each rule once where it bites, and once where it must not.</summary>
public sealed class AnalyserTests
{
    private static readonly string World = string.Join("\n---\n",
        Given.Service("reviews", "{name: http, port: 9080}"),
        Given.Service("db", "{name: tcp, port: 5432}", ip: "10.0.0.3"),
        Given.Service("mixed", "{name: http, port: 80}, {name: tcp-raw, port: 81}", ip: "10.0.0.4"),
        Given.Pod("reviews-1", "app: reviews, version: v1"),
        Given.Pod("reviews-2", "app: reviews, version: v2", ip: "10.1.0.2"),
        Given.Slice("reviews", 9080, $"{Given.Endpoint("10.1.0.1", "reviews-1")}, {Given.Endpoint("10.1.0.2", "reviews-2")}"),
        Given.DestinationRule("reviews", "{host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}", age: 9));

    [Theory]
    [InlineData("MESH0024", "timeout: 2s, retries: {attempts: 2, perTryTimeout: 2s}", "spec.http[0].retries.perTryTimeout", "fraction of timeout")]
    [InlineData("MESH0024", "timeout: 2s, retries: {attempts: 3, perTryTimeout: 900ms}", "spec.http[0].retries.attempts", "Raise timeout")]
    [InlineData("MESH0024", "timeout: 2s, retries: {attempts: 1, perTryTimeout: 1s}", null, "")]
    [InlineData("MESH0024", "retries: {attempts: 9, perTryTimeout: 9s}", null, "")]
    [InlineData("MESH0025", "mirror: {host: reviews.default.svc.cluster.local}", "spec.http[0].mirror", "another subset")]
    [InlineData("MESH0025", "mirrors: [{destination: {host: reviews}}]", "spec.http[0].mirrors[0].destination", "another subset")]
    [InlineData("MESH0025", "mirror: {host: reviews, subset: v2}", null, "")]
    [InlineData("MESH0010", "match: [{port: 9081}]", "spec.http[0].match[0].port", "the Service's")]
    [InlineData("MESH0010", "match: [{port: 9080}]", null, "")]
    public void A_rule_contradicts_itself(string code, string rule, string? path, string remedy) =>
        Tells(Given.VirtualService("new", $"{{hosts: [reviews], http: [{{route: [{{destination: {{host: reviews}}}}], {rule}}}]}}"), code, path, remedy);

    [Theory]
    [InlineData("weight: 90", "", "spec.http[0].route[1].weight")]
    [InlineData("weight: 90", ", weight: 0", null)]
    [InlineData("weight: 90", ", weight: 10", null)]
    public void A_destination_without_a_weight_beside_weighted_ones_gets_nothing(string first, string second, string? path) =>
        Tells(Given.VirtualService("new", $"{{hosts: [reviews], http: [{{route: [{{destination: {{host: reviews, subset: v1}}, {first}}}, {{destination: {{host: reviews, subset: v2}}{second}}}]}}]}}"), "MESH0026", path, "0 if it shall get nothing");

    [Theory]
    [InlineData("{host: reviews, subsets: [{name: a, labels: {version: v1}, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: user}}}}, {name: b, labels: {version: v2}}]}", "spec.http[0].route")]
    [InlineData("{host: reviews, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: user}}}, subsets: [{name: a, labels: {version: v1}}, {name: b, labels: {version: v2}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]}", "spec.http[0].route")]
    [InlineData("{host: reviews, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: user}}}, subsets: [{name: a, labels: {version: v1}}, {name: b, labels: {version: v2}}]}", null)]
    [InlineData("{host: reviews, subsets: [{name: a, labels: {version: v1}}, {name: b, labels: {version: v2}}]}", null)]
    public void A_split_keeps_users_by_one_key_or_not_at_all(string policy, string? path) => Tells(
        Given.DestinationRule("sticky", policy, age: 99) + "\n---\n" + Given.VirtualService("new", "{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: a}, weight: 1}, {destination: {host: reviews, subset: b}, weight: 1}]}]}"),
        "MESH0027", path, "same consistentHash");

    [Theory]
    [InlineData("MESH0028", "{host: reviews, subsets: [{name: v3, labels: {version: v1}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]}", "spec.subsets[0].trafficPolicy", "Route to it")]
    [InlineData("MESH0028", "{host: reviews, subsets: [{name: v3, labels: {version: v1}}]}", null, "")]
    [InlineData("MESH0029", "{host: reviews, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}}", "spec.trafficPolicy.connectionPool", "client pods")]
    [InlineData("MESH0029", "{host: reviews, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 5s}}}}", null, "")]
    [InlineData("MESH0033", "{host: reviews, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}", null, "")]
    [InlineData("MESH0010", "{host: db, trafficPolicy: {connectionPool: {http: {maxRetries: 1}}}}", "spec.trafficPolicy.connectionPool.http", "appProtocol")]
    [InlineData("MESH0010", "{host: db, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: user}}}}", "spec.trafficPolicy.loadBalancer.consistentHash", "appProtocol")]
    [InlineData("MESH0010", "{host: db, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}}", null, "")]
    [InlineData("MESH0010", "{host: mixed, trafficPolicy: {connectionPool: {http: {maxRetries: 1}}}}", null, "")]
    public void A_policy_says_something_else_than_it_seems(string code, string policy, string? path, string remedy) => Tells(Given.DestinationRule("new", policy), code, path, remedy);

    [Theory]
    [InlineData("mutual", "{host: proxied, trafficPolicy: {proxyProtocol: {version: V2}}}", "MESH0039", "spec.trafficPolicy.proxyProtocol", "outside the mesh")]
    [InlineData("mutual", "{host: proxied, subsets: [{name: a, trafficPolicy: {proxyProtocol: {}}}]}", "MESH0039", "spec.subsets[0].trafficPolicy.proxyProtocol", "outside the mesh")]
    [InlineData("none", "{host: proxied, trafficPolicy: {proxyProtocol: {version: V2}}}", "MESH0039", null, "")]
    [InlineData("none", "{host: proxied, trafficPolicy: {tunnel: {targetHost: a.example, targetPort: 443}}}", "MESH0010", "spec.trafficPolicy.tunnel", "TCP or TLS")]
    [InlineData("none", "{host: db, trafficPolicy: {tunnel: {targetHost: a.example, targetPort: 443}}}", "MESH0010", null, "")]
    public void Connections_begin_in_a_way_that_the_other_end_understands(string pod, string policy, string code, string? path, string remedy) => Tells(
        string.Join("\n---\n",
            Given.Service("proxied", "{name: http, port: 80}", ip: "10.0.0.9"),
            Given.Slice("proxied", 80, Given.Endpoint("10.1.0.9", "proxied-1")),
            pod == "mutual" ? Given.MutualPod("proxied-1", "app: proxied", ip: "10.1.0.9") : Given.Pod("proxied-1", "app: proxied", ip: "10.1.0.9"),
            Given.DestinationRule("new", policy)),
        code, path, remedy);

    [Fact]
    public void Of_a_pool_of_one_nobody_is_ejected() => Tells(
        Given.Service("single", "{name: http, port: 80}", ip: "10.0.0.9") + "\n---\n" + Given.Slice("single", 80, Given.Endpoint("10.1.0.9", "single-1")) + "\n---\n" + Given.DestinationRule("new", "{host: single, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}"),
        "MESH0033", "spec.trafficPolicy.outlierDetection", "second replica");

    [Theory]
    [InlineData("./*", "spec.http[0].route[0].destination.host")]
    [InlineData("prod/elsewhere.prod.svc.cluster.local", "spec.http[0].route[0].destination.host")]
    [InlineData("prod/ratings.prod.svc.cluster.local", null)]
    [InlineData("*/*.prod.svc.cluster.local", null)]
    [InlineData("prod/*", null)]
    public void A_Sidecar_hides_what_a_rule_of_its_namespace_routes_to(string host, string? path) => Tells(
        Given.Service("ratings", "{name: http, port: 80}", "prod", "10.0.0.8") + $$"""

        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: narrow, namespace: default}
        spec: {egress: [{hosts: ["{{host}}"]}]}
        ---

        """ + Given.VirtualService("new", "{hosts: [reviews], http: [{route: [{destination: {host: ratings.prod.svc.cluster.local}}]}]}"),
        "MESH0023", path, "to an egress of Sidecar default/narrow");

    private static void Tells(string yaml, string code, string? path, string remedy)
    {
        var found = MeshPlanner.Plan(Cluster.Of(World, yaml)).Findings.Where(finding => finding.Code == code && finding.Resource.EndsWith("/new", StringComparison.Ordinal)).ToList();
        if (path is null)
        {
            Assert.Empty(found);
            return;
        }

        var finding = Assert.Single(found);
        Assert.Equal(path, finding.Path);
        Assert.Contains(remedy, finding.Remedy, StringComparison.Ordinal);
    }
}
