using Mesh.Config;
using Mesh.Operator.Core.Planning;

namespace Mesh.Operator.Core.Tests;

/// <summary>What a pod takes, and what its callers are told to speak.</summary>
public sealed class PeerAuthenticationTests
{
    private const string Root = "istio-system";

    private static readonly string World = string.Join("\n---\n",
        Given.Service("web", "{name: http, port: 80, targetPort: 8080}, {name: tcp-db, port: 90, targetPort: 9090}"),
        Given.Slice("web", 8080, Given.Endpoint("10.1.0.1", "web-1")),
        Given.Slice("web", 9090, Given.Endpoint("10.1.0.1", "web-1"), portName: "tcp-db"),
        Given.MutualPod("web-1", "app: web, tier: front"),
        Given.MutualPod("far-1", "app: far", ns: "far", ip: "10.1.0.9"));

    [Fact]
    public void Without_any_rule_a_pod_takes_both_and_its_callers_speak_mutual_TLS()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World));
        Assert.Equal(MutualTlsMode.Permissive, plan.ConfigOf("web-1").Inbound.MutualTls);
        var members = Members(plan);
        Assert.All(members, member => Assert.Equal((true, "sa-web-1"), (member.MutualTls, member.ServiceAccount)));
        Assert.Equal([8080, 9090], members.Select(member => member.Port));
        Assert.All(plan.ConfigOf("far-1", "far").Clusters, cluster => Assert.Equal(ClientMutualTls.Auto, cluster.MutualTls));
    }

    [Theory]
    [InlineData("mesh", "STRICT", "", "", MutualTlsMode.Strict)]
    [InlineData("the namespace wins over the mesh", "STRICT", "DISABLE", "", MutualTlsMode.Disable)]
    [InlineData("the pods' own wins over both", "STRICT", "DISABLE", "PERMISSIVE", MutualTlsMode.Permissive)]
    [InlineData("UNSET takes over from the namespace", "DISABLE", "STRICT", "UNSET", MutualTlsMode.Strict)]
    [InlineData("UNSET takes over from the mesh", "STRICT", "UNSET", "UNSET", MutualTlsMode.Strict)]
    [InlineData("UNSET everywhere is permissive", "UNSET", "UNSET", "UNSET", MutualTlsMode.Permissive)]
    public void The_narrower_wins(string what, string mesh, string ofNamespace, string ofPods, MutualTlsMode expected)
    {
        var rules = new List<string>();
        if (mesh.Length > 0) rules.Add(Given.PeerAuthentication("mesh", $"{{mtls: {{mode: {mesh}}}}}", ns: Root));
        if (ofNamespace.Length > 0) rules.Add(Given.PeerAuthentication("namespace", $"{{mtls: {{mode: {ofNamespace}}}}}"));
        if (ofPods.Length > 0) rules.Add(Given.PeerAuthentication("pods", $"{{selector: {{matchLabels: {{app: web}}}}, mtls: {{mode: {ofPods}}}}}"));
        Assert.True(Inbound([.. rules]).MutualTls == expected, what);
    }

    [Fact]
    public void A_rule_without_mtls_is_UNSET() =>
        Assert.Equal(MutualTlsMode.Strict, Inbound(Given.PeerAuthentication("mesh", "{mtls: {mode: STRICT}}", ns: Root), Given.PeerAuthentication("namespace", "{}")).MutualTls);

    [Theory]
    [InlineData("{mtls: {mode: STRICT}}", "{mtls: {mode: DISABLE}}")]
    [InlineData("{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}", "{selector: {matchLabels: {tier: front}}, mtls: {mode: DISABLE}}")]
    public void Among_equals_the_oldest_wins_and_of_the_same_age_the_first_by_name(string first, string second)
    {
        Assert.Equal(MutualTlsMode.Strict, Inbound(Given.PeerAuthentication("z", first, age: 2), Given.PeerAuthentication("a", second)).MutualTls);
        Assert.Equal(MutualTlsMode.Strict, Inbound(Given.PeerAuthentication("a", first), Given.PeerAuthentication("b", second)).MutualTls);
        Assert.Equal(MutualTlsMode.Strict, Inbound(Given.PeerAuthentication("b", second), Given.PeerAuthentication("a", first)).MutualTls);
    }

    [Fact]
    public void A_selector_in_the_root_namespace_acts_on_nobody() =>
        Assert.Equal(MutualTlsMode.Permissive, Inbound(Given.PeerAuthentication("odd", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}", ns: Root)).MutualTls);

    [Fact]
    public void A_rule_of_another_namespace_or_other_labels_is_not_the_pods() =>
        Assert.Equal(MutualTlsMode.Permissive, Inbound(
            Given.PeerAuthentication("far", "{mtls: {mode: STRICT}}", ns: "far"),
            Given.PeerAuthentication("others", "{selector: {matchLabels: {app: db}}, mtls: {mode: STRICT}}")).MutualTls);

    [Fact]
    public void Ports_differ_from_the_rest_and_UNSET_ports_do_not()
    {
        var inbound = Inbound(
            Given.PeerAuthentication("mesh", "{mtls: {mode: STRICT}}", ns: Root),
            Given.PeerAuthentication("ports", "{selector: {matchLabels: {app: web}}, portLevelMtls: {9090: {mode: DISABLE}, 8080: {mode: UNSET}, 7070: {mode: PERMISSIVE}}}"));
        Assert.Equal(MutualTlsMode.Strict, inbound.MutualTls);
        Assert.Equal([new PortMutualTls(7070, MutualTlsMode.Permissive), new PortMutualTls(9090, MutualTlsMode.Disable)], inbound.MutualTlsByPort);
    }

    [Theory]
    [InlineData("{mtls: {mode: ALWAYS}}")]
    [InlineData("{portLevelMtls: {80: {mode: DISABLE}}}")]
    [InlineData("{selector: {matchLabels: {app: web}}, mtls: {mode: DISABLE}, portLevelMtls: {http: {mode: DISABLE}}}")]
    [InlineData("{mtls: 5}")]
    public void A_rule_that_is_not_valid_refuses_rather_than_lets_in(string spec)
    {
        var inbound = Inbound(Given.PeerAuthentication("bad", spec));
        Assert.Equal(MutualTlsMode.Strict, inbound.MutualTls);
        Assert.Empty(inbound.MutualTlsByPort);
        Assert.Equal(MutualTlsMode.Permissive, Inbound(Given.PeerAuthentication("bad", spec, ns: "far")).MutualTls);
    }

    [Fact]
    public void Callers_speak_clear_text_to_a_port_that_is_disabled()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Given.PeerAuthentication("ports", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {9090: {mode: DISABLE}}}")));
        Assert.Equal([(8080, true), (9090, false)], Members(plan).Select(member => (member.Port, member.MutualTls)));
    }

    [Fact]
    public void Callers_speak_clear_text_to_a_port_the_sidecar_does_not_capture()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Given.MutualPod("web-1", "app: web", excluded: "15012,9090")));
        Assert.Equal([(8080, true), (9090, false)], Members(plan).Select(member => (member.Port, member.MutualTls)));
    }

    [Fact]
    public void Callers_speak_clear_text_to_a_pod_without_an_identity()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Given.Pod("web-1", "app: web")));
        Assert.All(Members(plan), member => Assert.Equal((false, ""), (member.MutualTls, member.ServiceAccount)));
    }

    [Fact]
    public void A_label_alone_makes_no_member_of_the_mesh()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Given.MutualPod("web-1", "app: web").Replace("mesh.dev/config", "example.com/other", StringComparison.Ordinal)));
        Assert.All(Members(plan), member => Assert.False(member.MutualTls));
    }

    [Theory]
    [InlineData("{host: web, trafficPolicy: {tls: {mode: DISABLE}}}", ClientMutualTls.Never, ClientMutualTls.Never)]
    [InlineData("{host: web, trafficPolicy: {tls: {}}}", ClientMutualTls.Never, ClientMutualTls.Never)]
    [InlineData("{host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}", ClientMutualTls.Always, ClientMutualTls.Always)]
    [InlineData("{host: web, trafficPolicy: {loadBalancer: {simple: RANDOM}}}", ClientMutualTls.Auto, ClientMutualTls.Auto)]
    [InlineData("{host: web, trafficPolicy: {tls: {mode: DISABLE}, portLevelSettings: [{port: {number: 90}, loadBalancer: {simple: RANDOM}}]}}", ClientMutualTls.Never, ClientMutualTls.Auto)]
    [InlineData("{host: web, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}}", ClientMutualTls.Never, ClientMutualTls.Auto)]
    [InlineData("{host: web, trafficPolicy: {tls: {mode: SIMPLE}}}", ClientMutualTls.Never, ClientMutualTls.Never)]
    public void A_DestinationRule_tells_callers_what_to_speak(string spec, ClientMutualTls ofHttp, ClientMutualTls ofDb)
    {
        var clusters = MeshPlanner.Plan(Cluster.Of(World, Given.DestinationRule("web", spec))).ConfigOf("far-1", "far").Clusters.Where(cluster => cluster.Host.StartsWith("web.", StringComparison.Ordinal));
        Assert.Equal([(80, ofHttp), (90, ofDb)], clusters.Select(cluster => (cluster.Port, cluster.MutualTls)));
    }

    [Fact]
    public void A_subset_may_differ_from_its_host()
    {
        var clusters = MeshPlanner.Plan(Cluster.Of(World, Given.DestinationRule("web", "{host: web, subsets: [{name: front, labels: {tier: front}, trafficPolicy: {tls: {mode: DISABLE}}}]}")))
            .ConfigOf("far-1", "far").Clusters.Where(cluster => cluster.Host.StartsWith("web.", StringComparison.Ordinal));
        Assert.All(clusters, cluster => Assert.Equal(cluster.Subset == "front" ? ClientMutualTls.Never : ClientMutualTls.Auto, cluster.MutualTls));
    }

    [Fact]
    public void Without_auto_mutual_TLS_only_a_DestinationRule_asks_for_it()
    {
        var snapshot = Cluster.Of(World, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mesh, namespace: mesh-system}\ndata: {mesh: 'enableAutoMtls: false'}");
        Assert.All(MeshPlanner.Plan(snapshot).ConfigOf("far-1", "far").Clusters, cluster => Assert.Equal(ClientMutualTls.Never, cluster.MutualTls));
        var asked = MeshPlanner.Plan(snapshot.With(Given.DestinationRule("web", "{host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}")));
        Assert.All(asked.ConfigOf("far-1", "far").Clusters, cluster => Assert.Equal(ClientMutualTls.Always, cluster.MutualTls));
    }

    [Fact]
    public void Turning_auto_mutual_TLS_off_reaches_every_cluster_of_the_plan_before()
    {
        var snapshot = Cluster.Of(World);
        var plan = MeshPlanner.Plan(snapshot);
        var off = MeshPlanner.Plan(snapshot.With("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mesh, namespace: mesh-system}\ndata: {mesh: 'enableAutoMtls: false'}"), plan);
        Assert.All(off.ConfigOf("far-1", "far").Clusters, cluster => Assert.Equal(ClientMutualTls.Never, cluster.MutualTls));
    }

    [Fact]
    public void The_oldest_version_of_TLS_is_told_to_every_proxy()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mesh, namespace: mesh-system}\ndata: {mesh: 'meshMTLS: {minProtocolVersion: TLSV1_3}'}"));
        Assert.Equal(TlsVersion.Tls13, plan.ConfigOf("web-1").Mesh.MinimumTlsVersion);
    }

    private static InboundConfig Inbound(params string[] rules) => MeshPlanner.Plan(Cluster.Of([World, .. rules])).ConfigOf("web-1").Inbound;

    private static List<Endpoint> Members(MeshPlan plan) =>
        [.. plan.ConfigOf("far-1", "far").Endpoints.Where(group => group.Host.StartsWith("web.", StringComparison.Ordinal)).SelectMany(group => group.Endpoints)];
}
