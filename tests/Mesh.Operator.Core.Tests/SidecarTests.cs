using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>What Sidecars leave of what proxies are told.</summary>
public sealed class SidecarTests
{
    private static readonly string[] Mesh =
    [
        Given.Pod("client", "app: client"),
        Given.Pod("other", "app: other", ip: "10.1.0.2"),
        Given.Pod("far", "app: client", "prod", "10.1.0.3"),
        Given.Service("reviews", "{name: http, port: 80}, {name: admin, port: 8080, appProtocol: http}"),
        Given.Service("ratings", "{name: http, port: 80}", ip: "10.0.0.2"),
        Given.Service("reviews", "{name: http, port: 80}", "prod", "10.0.0.3"),
        Given.ServiceEntry("partner", "{hosts: [api.partner.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}", "prod"),
    ];

    [Theory]
    [InlineData("'*/*'", "api.partner.com ratings.default reviews.default reviews.prod")]
    [InlineData("./*", "ratings.default reviews.default")]
    [InlineData("prod/*", "api.partner.com reviews.prod")]
    [InlineData("'*/*.partner.com'", "api.partner.com")]
    [InlineData("default/reviews.default.svc.cluster.local", "reviews.default")]
    [InlineData("'*/reviews.prod.svc.cluster.local', ./ratings.default.svc.cluster.local", "ratings.default reviews.prod")]
    [InlineData("~/*", "")]
    [InlineData("'*/*', '~prod/reviews.prod.svc.cluster.local'", "api.partner.com ratings.default reviews.default")]
    [InlineData("'*/*', '~/*.partner.com'", "ratings.default reviews.default reviews.prod")]
    public void Only_hosts_that_are_named_are_seen(string hosts, string seen)
    {
        var config = Told(Given.Sidecar("default", $"{{egress: [{{hosts: [{hosts}]}}]}}"));
        Assert.Equal(seen, string.Join(' ', config.Clusters.Select(cluster => Short(cluster.Host)).Distinct().Order()));
        Assert.Equal(seen, string.Join(' ', config.Endpoints.Select(group => Short(group.Host)).Distinct().Order()));
        Assert.Equal(seen, string.Join(' ', config.Outbound.Dns.Names.Select(name => Short(name.Name)).Order()));
        Assert.All(config.Routes.SelectMany(table => table.VirtualHosts), host => Assert.Contains(Short(host.Name.Split(':')[0]), seen));
    }

    [Theory]
    [InlineData("{port: {number: 8080, protocol: HTTP, name: a}, captureMode: NONE, hosts: ['*/*']}", "127.0.0.1:8080 Http 8080")]
    [InlineData("{port: {number: 443, protocol: TLS, name: a}, captureMode: NONE, bind: 127.0.0.9, hosts: ['*/*']}", "127.0.0.9:443 Tls outbound|443||api.partner.com")]
    [InlineData("{captureMode: NONE, bind: 0.0.0.0, hosts: ['*/*']}", "0.0.0.0:80 Http 80, 0.0.0.0:443 Tls outbound|443||api.partner.com, 0.0.0.0:8080 Http 8080")]
    // Captured, or nothing is called there.
    [InlineData("{port: {number: 8080, protocol: HTTP, name: a}, bind: 10.9.9.9, hosts: ['*/*']}", "")]
    [InlineData("{port: {number: 9999, protocol: HTTP, name: a}, captureMode: NONE, hosts: ['*/*']}", "")]
    [InlineData("{port: {number: 0, protocol: HTTP, name: a}, captureMode: NONE, bind: 'unix:///run/out.sock', hosts: ['*/*']}", "")]
    public void The_sidecar_listens_by_itself_where_nothing_is_captured(string egress, string expected)
    {
        var config = Told(Given.Sidecar("default", $"{{egress: [{egress}]}}"));
        var own = config.Outbound.Listeners.Where(listener => listener.Listens)
            .Select(listener => $"{Assert.Single(listener.Addresses)}:{listener.Port} {listener.Protocol} {listener.RouteTable}{string.Concat(listener.TcpDestinations.Select(destination => destination.Cluster))}");
        Assert.Equal(expected, string.Join(", ", own));
    }

    [Fact]
    public void Connections_captured_on_their_way_to_an_address_that_is_named_are_the_list_s()
    {
        var config = Told(Given.Sidecar("default", "{egress: [{port: {number: 443, protocol: TLS, name: a}, bind: 10.9.9.9, hosts: ['*/*']}]}"));
        Assert.Equal("outbound|443||api.partner.com", config.Opaque("10.9.9.9", 443));
        Assert.DoesNotContain(config.Outbound.Listeners, listener => listener.Listens);
    }

    [Fact]
    public void What_is_not_seen_is_no_part_of_the_config()
    {
        var everything = MeshPlanner.Plan(Cluster.Of(Mesh)).Pods[new ObjectKey("default", "client")].Sections.Sum(section => section.Json.Length);
        var narrowed = MeshPlanner.Plan(Cluster.Of([.. Mesh, Given.Sidecar("default", "{egress: [{hosts: ['./ratings.default.svc.cluster.local']}]}")])).Pods[new ObjectKey("default", "client")].Sections.Sum(section => section.Json.Length);
        Assert.True(narrowed < everything / 2, $"{narrowed} of {everything} bytes");
    }

    [Fact]
    public void A_list_for_one_port_takes_the_place_of_the_list_for_all()
    {
        var config = Told(Given.Sidecar("default", "{egress: [{port: {number: 8080, protocol: HTTP, name: admin}, hosts: ['./reviews.default.svc.cluster.local']}, {hosts: ['./ratings.default.svc.cluster.local']}]}"));
        Assert.Equal(["outbound|8080||reviews.default.svc.cluster.local", "outbound|80||ratings.default.svc.cluster.local"], config.Clusters.Select(cluster => cluster.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void One_that_selects_the_pod_counts_before_its_namespaces_and_that_before_the_meshs()
    {
        string[] all =
        [
            .. Mesh,
            Given.Sidecar("mesh", "{egress: [{hosts: ['./*']}]}", "istio-system"),
            Given.Sidecar("default", "{egress: [{hosts: ['*/ratings.default.svc.cluster.local']}]}"),
            Given.Sidecar("chosen", "{workloadSelector: {labels: {app: client}}, egress: [{hosts: ['prod/reviews.prod.svc.cluster.local']}]}"),
        ];
        var plan = MeshPlanner.Plan(Cluster.Of(all));
        Assert.Equal(["reviews.prod"], Hosts(plan, "client", "default"));
        Assert.Equal(["ratings.default"], Hosts(plan, "other", "default"));
        // A dot is the namespace of the pod, not that of the object.
        Assert.Equal(["api.partner.com", "reviews.prod"], Hosts(plan, "far", "prod"));
    }

    [Fact]
    public void Of_several_for_one_pod_the_oldest_is_in_force_and_the_others_say_so()
    {
        var plan = MeshPlanner.Plan(Cluster.Of([
            .. Mesh,
            Given.Sidecar("young", "{egress: [{hosts: ['./*']}]}"),
            Given.Sidecar("old", "{egress: [{hosts: ['prod/*']}]}", age: 9)]));
        Assert.Equal(["api.partner.com", "reviews.prod"], Hosts(plan, "client", "default"));
        var verdict = plan.Verdicts[new RuleKey(RuleKey.Sidecar, new ObjectKey("default", "young"))];
        Assert.Equal(ConditionReasons.OverruledByOlder, verdict.NotAccepted);
        Assert.Equal(FindingCodes.MultipleSidecarsWithoutWorkloadSelectors, Assert.Single(verdict.Findings).Code);
    }

    [Fact]
    public void Destinations_of_rules_that_are_seen_are_reached_but_cannot_be_called_by_name()
    {
        var config = Told(
            Given.Sidecar("default", "{egress: [{hosts: ['./reviews.default.svc.cluster.local']}]}"),
            Given.VirtualService("reviews", "{hosts: [reviews], http: [{route: [{destination: {host: reviews.prod.svc.cluster.local}}]}]}"),
            Given.VirtualService("ratings", "{hosts: [ratings], http: [{route: [{destination: {host: ratings}}]}]}"));
        Assert.Equal(["outbound|80||reviews.prod.svc.cluster.local"], config.Host(80, "reviews")!.ClustersOf());
        Assert.Null(config.Host(80, "reviews.prod"));
        Assert.Null(config.Host(80, "ratings"));
        Assert.DoesNotContain(config.Outbound.Dns.Names, name => name.Name.StartsWith("reviews.prod"));
    }

    [Theory]
    [InlineData("{mode: REGISTRY_ONLY}", UnknownDestinations.RegistryOnly)]
    [InlineData("{mode: ALLOW_ANY}", UnknownDestinations.AllowAny)]
    [InlineData("{}", UnknownDestinations.RegistryOnly)]
    public void Unknown_destinations_are_a_matter_of_the_scope(string policy, UnknownDestinations expected)
    {
        var plan = MeshPlanner.Plan(Cluster.Of([.. Mesh, Given.Sidecar("default", $"{{outboundTrafficPolicy: {policy}}}")]));
        Assert.Equal(expected, plan.ConfigOf("client").Outbound.UnknownDestinations);
        Assert.Equal(UnknownDestinations.AllowAny, plan.ConfigOf("far", "prod").Outbound.UnknownDestinations);
        Assert.Equal(4, Hosts(plan, "client", "default").Length);
    }

    [Theory]
    [InlineData("{host: gate, port: {number: 80}}", "outbound|80||gate.default.svc.cluster.local", false)]
    [InlineData("{host: gate.default.svc.cluster.local, port: {number: 80}, subset: none}", "outbound|80|none|gate.default.svc.cluster.local", true)]
    [InlineData("{host: nobody, port: {number: 80}}", "outbound|80||nobody.default.svc.cluster.local", true)]
    public void Unknown_destinations_may_have_a_proxy_that_pods_need_not_see(string proxy, string cluster, bool isBroken)
    {
        var config = Told(
            Given.Service("gate", "{name: http, port: 80}", ip: "10.0.0.9"),
            Given.Sidecar("default", $"{{outboundTrafficPolicy: {{mode: ALLOW_ANY, egressProxy: {proxy}}}, egress: [{{hosts: ['prod/*']}}]}}"));
        Assert.Equal((cluster, isBroken), (config.Outbound.EgressProxy!.Cluster, config.Outbound.EgressProxy.Broken is not null));
        Assert.Equal(isBroken && proxy.Contains("nobody") ? 0 : 1, config.Clusters.Count(known => known.Host.StartsWith("gate.", StringComparison.Ordinal)));
        Assert.Null(config.Host(80, "gate"));
    }

    [Fact]
    public void Ports_that_arrive_speak_what_the_sidecar_says()
    {
        var config = Told(Given.Sidecar("default", "{ingress: [{port: {number: 7000, protocol: TCP, name: raw}}]}"));
        Assert.Equal(AppProtocol.Tcp, Assert.Single(config.Inbound.Ports, port => port.Port == 7000).Protocol);
    }

    [Fact]
    public void A_changed_sidecar_changes_what_was_told_before()
    {
        var before = MeshPlanner.Plan(Cluster.Of([.. Mesh, Given.Sidecar("default", "{egress: [{hosts: ['./*']}]}")]));
        var after = MeshPlanner.Plan(before.Parts.Snapshot.With(Given.Sidecar("default", "{egress: [{hosts: ['prod/*']}]}", generation: 2)), before);
        Assert.Equal(["api.partner.com", "reviews.prod"], Hosts(after, "client", "default"));
    }

    private static ProxyConfig Told(params ReadOnlySpan<string> objects) => MeshPlanner.Plan(Cluster.Of([.. Mesh, .. objects])).ConfigOf("client");

    private static string[] Hosts(MeshPlan plan, string pod, string ns) => [.. plan.ConfigOf(pod, ns).Clusters.Select(cluster => Short(cluster.Host)).Distinct().Order()];

    private static string Short(string host) => host.Replace(".svc.cluster.local", "");
}
