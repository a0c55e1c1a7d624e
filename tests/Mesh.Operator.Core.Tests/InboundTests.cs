using System.Text.Json.Nodes;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>What Sidecars and DestinationRules say of the ports of a pod itself.</summary>
public sealed class InboundTests
{
    private const string Seven = "connectionPool: {tcp: {maxConnections: 7}}";

    private static readonly string[] Mesh =
    [
        Given.Pod("web", "app: web", ip: "10.1.0.4"),
        Given.Service("web", "{name: http, port: 80, targetPort: 8080}, {name: tcp-raw, port: 81, targetPort: 8081}"),
    ];

    [Theory]
    [InlineData("'127.0.0.1:9000'", "127.0.0.1:9000")]
    [InlineData("'[::1]:9000'", "[::1]:9000")]
    [InlineData("'0.0.0.0:9000'", "10.1.0.4:9000")]
    [InlineData("'[::]:9000'", "[::1]:9000")]
    [InlineData("unix:///run/web.sock", "unix:///run/web.sock")]
    [InlineData("unix://@web", "unix://@web")]
    [InlineData("''", null)]
    public void The_endpoint_is_where_the_application_listens(string written, string? told)
    {
        var inbound = Told(Given.Sidecar("default", $"{{ingress: [{{port: {{number: 8080, protocol: HTTP, name: http}}, defaultEndpoint: {written}}}]}}"));
        Assert.Equal(told, Assert.Single(inbound.Ports).Endpoint);
    }

    [Theory]
    [InlineData("captureMode: NONE, defaultEndpoint: '127.0.0.1:9000'", "0.0.0.0")]
    [InlineData("captureMode: NONE, bind: 10.1.0.4, defaultEndpoint: '127.0.0.1:8080'", "10.1.0.4")]
    [InlineData("captureMode: NONE, defaultEndpoint: 'unix://@web'", "0.0.0.0")]
    [InlineData("captureMode: IPTABLES, bind: 10.1.0.4, defaultEndpoint: '127.0.0.1:9000'", null)]
    // Those would come back to the sidecar.
    [InlineData("captureMode: NONE", null)]
    [InlineData("captureMode: NONE, defaultEndpoint: '127.0.0.1:8080'", null)]
    [InlineData("captureMode: NONE, bind: 127.0.0.1, defaultEndpoint: '127.0.0.1:8080'", null)]
    [InlineData("captureMode: NONE, bind: 10.1.0.4, defaultEndpoint: '0.0.0.0:8080'", null)]
    public void The_sidecar_listens_by_itself_where_nothing_is_captured(string listener, string? bind)
    {
        var written = Given.Sidecar("default", $"{{ingress: [{{port: {{number: 8080, protocol: HTTP, name: http}}, {listener}}}]}}");
        Assert.Equal(bind, Assert.Single(Told(written).Ports).Bind);
        var comesBack = Plan(written).Verdicts[new RuleKey(RuleKey.Sidecar, new ObjectKey("default", "default"))].Findings.Where(finding => finding.Path == "spec.ingress[0].captureMode");
        Assert.Equal(bind is null && listener.Contains("NONE"), comesBack.Any());
    }

    [Fact]
    public void Who_lists_ports_has_named_them_all()
    {
        var inbound = Told(Given.Sidecar("default", "{ingress: [{port: {number: 8080, protocol: GRPC, name: grpc}}]}"));
        var port = Assert.Single(inbound.Ports);
        Assert.Equal((8080, AppProtocol.Http2, 80), (port.Port, port.Protocol, port.ServicePort));
    }

    [Theory]
    // The port's own, the Sidecar's, the DestinationRule's for the port, the DestinationRule's.
    [InlineData(Seven, "inboundConnectionPool: {tcp: {maxConnections: 6}}", "connectionPool: {tcp: {maxConnections: 5}}, portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 4}}}]", 7)]
    [InlineData("", "inboundConnectionPool: {tcp: {maxConnections: 6}}", "connectionPool: {tcp: {maxConnections: 5}}, portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 4}}}]", 6)]
    [InlineData("", "", "connectionPool: {tcp: {maxConnections: 5}}, portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 4}}}]", 4)]
    [InlineData("", "", "connectionPool: {tcp: {maxConnections: 5}}, portLevelSettings: [{port: {number: 81}, connectionPool: {tcp: {maxConnections: 4}}}]", 5)]
    [InlineData("", "", "loadBalancer: {simple: RANDOM}", null)]
    // Who comes first says all of it.
    [InlineData("connectionPool: {http: {http2MaxRequests: 3}}", "inboundConnectionPool: {tcp: {maxConnections: 6}}", "connectionPool: {tcp: {maxConnections: 5}}", null)]
    public void The_nearest_limit_counts_and_says_all_of_it(string ofPort, string ofSidecar, string ofRule, int? most)
    {
        var listener = $"{{port: {{number: 8080, protocol: HTTP, name: http}}{(ofPort.Length > 0 ? ", " + ofPort : "")}}}";
        var inbound = Told(
            Given.Sidecar("default", $"{{ingress: [{listener}]{(ofSidecar.Length > 0 ? ", " + ofSidecar : "")}}}"),
            Given.DestinationRule("web", $"{{host: web, trafficPolicy: {{{ofRule}}}}}"));
        Assert.Equal(most, Assert.Single(inbound.Ports).Pool?.MaxConnections);
    }

    [Fact]
    public void A_rule_s_limit_holds_at_the_service_without_any_Sidecar_but_not_its_subsets_nor_one_for_chosen_clients()
    {
        var inbound = Told(
            Given.DestinationRule("web", "{host: web, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5, connectTimeout: 2s}, http: {h2UpgradePolicy: UPGRADE}}}, subsets: [{name: v1, labels: {a: b}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}]}"),
            Given.DestinationRule("chosen", "{host: web, workloadSelector: {matchLabels: {app: web}}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 2}}}}"));
        Assert.Equal([5, 5], inbound.Ports.Select(port => port.Pool?.MaxConnections));
        Assert.All(inbound.Ports, port => Assert.Equal((TimeSpan.FromSeconds(2), false), (port.ConnectTimeout, port.Pool!.UpgradeToHttp2)));
    }

    [Fact]
    public void The_section_is_the_rule_s_where_it_limits_and_nobody_else_s()
    {
        var pod = new ObjectKey("default", "web");
        var plan = Plan(Given.DestinationRule("web", "{host: web, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}}"));
        Assert.Contains(SectionNames.Inbound, plan.Pods[pod].SectionsOf(new RuleKey(RuleKey.DestinationRule, pod)));
        var overruled = MeshPlanner.Plan(plan.Parts.Snapshot.With(Given.Sidecar("default", "{inboundConnectionPool: {tcp: {maxConnections: 6}}}")), plan);
        Assert.DoesNotContain(SectionNames.Inbound, overruled.Pods[pod].SectionsOf(new RuleKey(RuleKey.DestinationRule, pod)));
        Assert.Contains(SectionNames.Inbound, overruled.Pods[pod].SectionsOf(new RuleKey(RuleKey.Sidecar, new ObjectKey("default", "default"))));
        Assert.Equal([6, 6], overruled.ConfigOf("web").Inbound.Ports.Select(port => port.Pool?.MaxConnections));
    }

    [Fact]
    public void A_changed_limit_is_told_and_one_that_does_not_limit_changes_nothing()
    {
        var pod = new ObjectKey("default", "web");
        var plan = Plan(Given.DestinationRule("other", "{host: other, trafficPolicy: {loadBalancer: {simple: RANDOM}}}"));
        var same = MeshPlanner.Plan(plan.Parts.Snapshot.With(Given.DestinationRule("other", "{host: other, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}", generation: 2)), plan);
        Assert.Same(plan.Pods[pod].Sections.Single(section => section.Name == SectionNames.Inbound), same.Pods[pod].Sections.Single(section => section.Name == SectionNames.Inbound));
        var limited = MeshPlanner.Plan(same.Parts.Snapshot.With(Given.DestinationRule("web", "{host: web, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}}")), same);
        Assert.Equal([5, 5], limited.ConfigOf("web").Inbound.Ports.Select(port => port.Pool?.MaxConnections));
        var freed = MeshPlanner.Plan(limited.Parts.Snapshot.With(Given.DestinationRule("web", "{host: web}", generation: 2)), limited);
        Assert.Equal([null, null], freed.ConfigOf("web").Inbound.Ports.Select(port => port.Pool));
    }

    /// <summary>Istio's own cases of what a Sidecar's ingress makes of the inbound clusters; the Sidecars are code there and are written out here.</summary>
    [Theory]
    [InlineData("ingress to same port", "80 127.0.0.1:80")]
    [InlineData("ingress to different port", "80 127.0.0.1:8080")]
    [InlineData("ingress to instance IP", "80 0.0.0.0:8080")]
    [InlineData("multiple ingress", "80 127.0.0.1:8080,81 127.0.0.1:8080")]
    public void Ingress_leads_where_Istio_says(string name, string ingress)
    {
        var cases = Yaml.Documents(File.ReadAllText(Path.Combine(Needs.Cases("istio-simulation"), "sidecar_simulation_test.yaml")));
        var expected = cases.Single(@case => (string?)@case["name"] == name)["clusters"]!.AsObject()
            .ToDictionary(pair => pair.Key, pair => (string?)Assert.Single((JsonArray)pair.Value!));
        var listeners = ingress.Split(',').Select(entry => entry.Split(' '))
            .Select(entry => $"{{port: {{number: {entry[0]}, protocol: HTTP, name: http}}, defaultEndpoint: '{entry[1]}'}}");
        var plan = MeshPlanner.Plan(Cluster.Of(Given.Pod("p", "app: foo", ip: "1.2.3.4"), Given.Sidecar("default", $"{{ingress: [{string.Join(", ", listeners)}]}}")));
        Assert.Equal(expected, plan.ConfigOf("p").Inbound.Ports.ToDictionary(port => ClusterNames.Inbound(port.Port), port => port.Endpoint));
    }

    private static MeshPlan Plan(params ReadOnlySpan<string> objects) => MeshPlanner.Plan(Cluster.Of([.. Mesh, .. objects]));

    private static InboundConfig Told(params ReadOnlySpan<string> objects) => Plan(objects).ConfigOf("web").Inbound;
}
