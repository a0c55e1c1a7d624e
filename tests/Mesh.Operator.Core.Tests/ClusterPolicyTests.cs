using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>A DestinationRule's policies -> what a cluster is told, in our words and in Istio's own cases.</summary>
public sealed class ClusterPolicyTests
{
    private static readonly ClusterDefaults Defaults = ClusterDefaults.Of(MeshWideSettings.Default);

    [Fact]
    public void HTTP_2_is_spoken_as_in_Istio() => ForEach("TestShouldH2Upgrade/", test =>
    {
        var mesh = Defaults with { UpgradesToHttp2 = test["mesh"]?["h2UpgradePolicy"]?.ToString() == "UPGRADE" };
        var protocol = test["port"]!["protocol"]!.ToString() == "HTTP" ? AppProtocol.Http : AppProtocol.Auto;
        var pool = ConnectionPoolTranslator.Translate(Read<ConnectionPoolSettings>(test["connectionPool"]), mesh, protocol);
        return (pool?.UpgradeToHttp2 ?? false) == test["upgrade"]!.GetValue<bool>();
    });

    [Fact]
    public void Idle_times_are_those_of_Istio() => ForEach("TestApplyConnectionPool/", test =>
    {
        var settings = Read<ConnectionPoolSettings>(test["connectionPool"]);
        var pool = ConnectionPoolTranslator.Translate(settings, Defaults, AppProtocol.Http);
        if (settings.Http?.IdleTimeout is null && settings.Tcp?.IdleTimeout is null) return pool?.IdleTimeout is null;
        return pool!.IdleTimeout == Duration.Parse(test["expectedHTTPPOpt"]!["CommonHttpProtocolOptions"]!["IdleTimeout"]!.ToString()).Value;
    });

    [Theory]
    // The rule's takes the place of the mesh's; neither acts without outlier detection, but shares always do.
    [InlineData(null, null, false, null)]
    [InlineData(null, null, true, true)]
    [InlineData(null, "{enabled: false}", true, null)]
    [InlineData("{enabled: true}", "{enabled: false}", true, true)]
    [InlineData("{failover: [{from: a, to: b}]}", "{enabled: false}", true, true)]
    [InlineData("{enabled: false}", "{enabled: true}", true, null)]
    [InlineData("{distribute: [{from: a, to: {a: 100}}]}", null, false, false)]
    [InlineData("{distribute: [{from: a, to: {a: 100}}]}", null, true, false)]
    [InlineData("{failoverPriority: [x]}", null, false, null)]
    public void Localities_count_as_in_Istio(string? ofRule, string? ofMesh, bool ejects, bool? prefers) =>
        Assert.Equal(prefers, LocalityTranslator.Translate(Yaml<LocalityLoadBalancerSetting>(ofRule), Yaml<LocalityLoadBalancerSetting>(ofMesh), ejects)?.Prefer);

    [Theory]
    [InlineData("{consistentHash: {httpHeaderName: X-User}}", LoadBalancing.ConsistentHash, "x-user")]
    [InlineData("{consistentHash: {useSourceIp: false}}", LoadBalancing.Random, null)]
    [InlineData("{simple: UNSPECIFIED}", LoadBalancing.LeastRequest, null)]
    [InlineData("{simple: LEAST_CONN}", LoadBalancing.LeastRequest, null)]
    [InlineData("{simple: PASSTHROUGH}", LoadBalancing.LeastRequest, null)]
    public void A_balancer_is_chosen(string settings, LoadBalancing algorithm, string? header)
    {
        var balancer = Yaml<LoadBalancerSettings>(settings);
        Assert.Equal(algorithm, LoadBalancerTranslator.AlgorithmOf(balancer));
        Assert.Equal(header, LoadBalancerTranslator.HashOf(balancer)?.Key.Header);
    }

    [Theory]
    [InlineData("{consecutiveErrors: 4}", 0, 4)]
    [InlineData("{consecutiveErrors: 4, consecutive5xxErrors: 2}", 2, 0)]
    [InlineData("{}", 5, 0)]
    [InlineData("{consecutive5xxErrors: 0, consecutiveGatewayErrors: 3}", 0, 3)]
    public void Errors_in_a_row_are_counted_as_written(string settings, int of5xx, int ofGateways)
    {
        var outliers = OutlierTranslator.Translate(Yaml<Api.Networking.OutlierDetection>(settings))!;
        Assert.Equal((of5xx, ofGateways), (outliers.Consecutive5xx, outliers.ConsecutiveGatewayErrors));
    }

    [Fact]
    public void Settings_of_a_port_take_the_place_of_the_destinations_as_a_whole_and_a_subset_overrides_field_by_field()
    {
        var destination = Yaml<TrafficPolicy>("{connectionPool: {tcp: {maxConnections: 1}}, outlierDetection: {}, retryBudget: {percent: 7}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}");
        var atPort = TrafficPolicies.For(80, destination, null);
        Assert.Equal(("RANDOM", null, null, 7.0), (atPort.LoadBalancer?.Simple, atPort.ConnectionPool, atPort.OutlierDetection, atPort.RetryBudget?.Percent));
        var subset = TrafficPolicies.For(80, destination, Yaml<TrafficPolicy>("{connectionPool: {tcp: {maxConnections: 9}}}"));
        Assert.Equal(("RANDOM", 9), (subset.LoadBalancer?.Simple, subset.ConnectionPool?.Tcp?.MaxConnections));
        Assert.Equal(1, TrafficPolicies.For(81, destination, null).ConnectionPool?.Tcp?.MaxConnections);
    }

    [Theory]
    [InlineData(null, null, false, 2, true)]
    [InlineData(null, null, true, 2, false)]
    [InlineData("{attempts: 0}", null, false, null, null)]
    [InlineData("{attempts: 2}", null, true, 2, false)]
    [InlineData("{attempts: 2, retryIgnorePreviousHosts: true}", null, true, 2, true)]
    [InlineData("{attempts: 2, retryIgnorePreviousHosts: false}", null, false, 2, false)]
    [InlineData(null, "{attempts: 5}", false, 5, true)]
    [InlineData(null, "{attempts: 0}", false, null, null)]
    [InlineData("{attempts: 1}", "{attempts: 0}", false, 1, true)]
    public void Retries_are_the_rules_else_the_meshs_else_two(string? written, string? ofMesh, bool isHashed, int? attempts, bool? otherHostsFirst)
    {
        var policy = new RetryTranslator(Yaml<HttpRetry>(ofMesh)).Translate(Yaml<HttpRetry>(written), null, isHashed);
        Assert.Equal((attempts, otherHostsFirst), (policy?.Attempts, policy?.IgnorePreviousHosts));
    }

    [Theory]
    [InlineData("{mirror: {host: a}, mirrorPercent: 40, mirrorPercentage: {value: 50}}", 50.0)]
    [InlineData("{mirror: {host: a}, mirrorPercent: 40}", 40.0)]
    [InlineData("{mirror: {host: a}}", 100.0)]
    [InlineData("{mirrors: [{destination: {host: a}, percentage: {value: 0.5}}]}", 0.5)]
    [InlineData("{mirrors: [{destination: {host: a}, percentage: {value: 0}}]}", null)]
    [InlineData("{mirror: {host: a}, mirrorPercentage: {value: 0}}", null)]
    public void Shares_of_mirrors_are_those_of_Istio(string route, double? percent) =>
        Assert.Equal(percent, MirrorTranslator.Translate(Yaml<HttpRoute>(route)!, _ => new WeightedCluster { Cluster = "a" }).SingleOrDefault()?.Percent);

    private static T? Yaml<T>(string? yaml)
        where T : class => yaml is null ? null : Read<T>(Tests.Yaml.Documents(yaml).Single());

    private static T Read<T>(JsonNode? node)
        where T : class => node.Deserialize<T>(ApiJson.Options) ?? Activator.CreateInstance<T>();

    private static void ForEach(string prefix, Func<JsonNode, bool> holds)
    {
        var folder = Needs.Cases("istio-function-tables");
        var cases = Tests.Yaml.Documents(File.ReadAllText(Path.Combine(folder, "pilot_pkg_networking_core_cluster_builder_test.yaml")))
            .Where(test => test["_case"]!.ToString().StartsWith(prefix, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(cases);
        Assert.All(cases, test => Assert.True(holds(test), test.ToJsonString()));
    }
}
