using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>Fields of MeshConfig that hold where no object says otherwise.</summary>
public sealed class MeshDefaultsTests
{
    private static readonly string[] Mesh =
    [
        Given.MutualPod("client", "app: client"),
        Given.Pod("far", "app: client", "prod", "10.1.0.3"),
        Given.Service("web", "{name: http, port: 80}"),
        Given.ServiceEntry("partner", "{hosts: [api.partner.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}"),
    ];

    [Fact]
    public void Rules_for_the_whole_mesh_stand_in_the_namespace_that_is_named()
    {
        var plan = Plan("rootNamespace: root",
            Given.Sidecar("default", "{egress: [{hosts: ['*/api.partner.com']}]}", "root"),
            Given.DestinationRule("web", "{host: '*.partner.com', trafficPolicy: {loadBalancer: {simple: RANDOM}}}", "root"),
            Given.PeerAuthentication("default", "{mtls: {mode: STRICT}}", "root"),
            Given.PeerAuthentication("old", "{mtls: {mode: DISABLE}}", "istio-system"));
        var config = plan.ConfigOf("client");
        Assert.Equal(("api.partner.com", LoadBalancing.Random), (Assert.Single(config.Clusters).Host, config.Clusters[0].LoadBalancing));
        Assert.Equal(MutualTlsMode.Strict, config.Inbound.MutualTls);
    }

    [Fact]
    public void Services_that_do_not_say_who_sees_them_are_seen_as_the_mesh_says()
    {
        var plan = Plan("defaultServiceExportTo: ['.']");
        Assert.Equal(2, plan.ConfigOf("client").Clusters.Length);
        Assert.Empty(plan.ConfigOf("far", "prod").Clusters);
    }

    [Fact]
    public void Rules_that_do_not_say_who_sees_them_are_seen_as_the_mesh_says()
    {
        var plan = Plan("defaultVirtualServiceExportTo: ['.']\ndefaultDestinationRuleExportTo: ['.']",
            Given.VirtualService("web", "{hosts: [web], http: [{timeout: 7s, route: [{destination: {host: web}}]}]}"),
            Given.VirtualService("partner", "{hosts: [api.partner.com], exportTo: ['*'], http: [{timeout: 8s, route: [{destination: {host: api.partner.com}}]}]}"),
            Given.DestinationRule("web", "{host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}}"));
        Assert.Equal(TimeSpan.FromSeconds(7), plan.ConfigOf("client").Host(80, "web")!.Routes[0].Timeout);
        var far = plan.ConfigOf("far", "prod");
        Assert.Null(far.Host(80, "web.default")!.Routes[0].Timeout);
        Assert.Equal(TimeSpan.FromSeconds(8), far.Host(80, "api.partner.com")!.Routes[0].Timeout);
        Assert.Equal(LoadBalancing.LeastRequest, far.Clusters.First(cluster => cluster.Host.StartsWith("web", StringComparison.Ordinal)).LoadBalancing);
    }

    [Fact]
    public void Times_of_sidecars_are_those_of_the_mesh()
    {
        var mesh = Plan("protocolDetectionTimeout: 50ms\ndefaultConfig: {terminationDrainDuration: 7s, holdApplicationUntilProxyStarts: true}").ConfigOf("client").Mesh;
        Assert.Equal((TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(7)), (mesh.ProtocolDetectionTimeout, mesh.DrainDuration));
        Assert.Equal((new MeshSettings().ProtocolDetectionTimeout, new MeshSettings().DrainDuration), (Plan("").ConfigOf("client").Mesh.ProtocolDetectionTimeout, Plan("").ConfigOf("client").Mesh.DrainDuration));
    }

    [Fact]
    public void What_holds_without_a_rule_reaches_clusters_and_routes()
    {
        var config = Plan("connectTimeout: 3s\nh2UpgradePolicy: UPGRADE\ntcpKeepalive: {probes: 4}\nlocalityLbSetting: {enabled: true, failoverPriority: [topology.kubernetes.io/region]}\ndefaultHttpRetryPolicy: {attempts: 5}").ConfigOf("client");
        var cluster = config.Clusters.First(candidate => candidate.Host.StartsWith("web", StringComparison.Ordinal));
        Assert.Equal((TimeSpan.FromSeconds(3), true, (int?)4), (cluster.ConnectTimeout, cluster.Pool!.UpgradeToHttp2, cluster.Pool.KeepAlive!.Probes));
        Assert.Equal(5, config.Host(80, "web")!.Routes[0].Retry!.Attempts);
    }

    [Fact]
    public void Retries_on_the_way_to_the_application_are_those_of_the_mesh()
    {
        Assert.Null(Plan("").ConfigOf("client").Mesh.InboundRetry);
        Assert.Equal(0, Plan("defaultInboundHttpRetryPolicy: {}").ConfigOf("client").Mesh.InboundRetry!.Attempts);
        var policy = Plan("defaultInboundHttpRetryPolicy: {attempts: 3, retryOn: 'reset-before-request,503'}").ConfigOf("client").Mesh.InboundRetry!;
        Assert.Equal((3, RetryCondition.ResetBeforeRequest, 503), (policy.Attempts, Assert.Single(policy.RetryOn), Assert.Single(policy.StatusCodes)));
    }

    [Fact]
    public void A_change_acts_on_what_was_planned_before()
    {
        var before = Plan("");
        var after = MeshPlanner.Plan(before.Parts.Snapshot.With(Settings("defaultServiceExportTo: ['~']")), before);
        Assert.Empty(after.ConfigOf("client").Clusters);
        Assert.Equal(2, MeshPlanner.Plan(after.Parts.Snapshot.With(Settings("")), after).ConfigOf("client").Clusters.Length);
    }

    [Theory]
    [InlineData("rootNamespace: 'No Name'", "rootNamespace")]
    [InlineData("defaultServiceExportTo: everyone", "defaultServiceExportTo")]
    [InlineData("protocolDetectionTimeout: soon", "protocolDetectionTimeout")]
    [InlineData("protocolDetectionTimeout: 0s", "protocolDetectionTimeout")]
    [InlineData("defaultConfig: {terminationDrainDuration: 5}", "defaultConfig.terminationDrainDuration")]
    [InlineData("defaultInboundHttpRetryPolicy: never", "defaultInboundHttpRetryPolicy")]
    [InlineData("defaultConfig: {drainDuration: 45s}", "defaultConfig.drainDuration")]
    [InlineData("defaultConfig: {concurrency: -1}", "defaultConfig.concurrency")]
    [InlineData("defaultConfig: {statusPort: 15099}", "defaultConfig.statusPort")]
    [InlineData("defaultConfig: {proxyMetadata: {MESH_LOG_LEVEL: debug}}", "defaultConfig.proxyMetadata.MESH_LOG_LEVEL")]
    [InlineData("defaultConfig: {proxyMetadata: {EXIT_ON_ZERO_ACTIVE_CONNECTIONS: perhaps}}", "defaultConfig.proxyMetadata.EXIT_ON_ZERO_ACTIVE_CONNECTIONS")]
    public void A_value_that_cannot_act_is_told(string yaml, string path)
    {
        var settings = MeshWideSettingsReader.Read(yaml);
        Assert.Equal($"data.mesh.{path}", Assert.Single(settings.Findings).Path);
        Assert.Equal(MeshWideSettings.Default, settings with { Findings = [] });
    }

    private static MeshPlan Plan(string settings, params ReadOnlySpan<string> objects) => MeshPlanner.Plan(Cluster.Of([Settings(settings), .. Mesh, .. objects]));

    private static string Settings(string yaml) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: mesh, namespace: mesh-system}}\ndata:\n  mesh: |\n    {yaml.Replace("\n", "\n    ")}";
}
