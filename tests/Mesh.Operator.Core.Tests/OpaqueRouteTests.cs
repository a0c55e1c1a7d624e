using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>tls and tcp rules -> routes of connections.</summary>
public sealed class OpaqueRouteTests
{
    private static readonly string World = string.Join("\n---\n",
        Given.Service("db", "{name: tcp, port: 5432}"),
        Given.Service("copy", "{name: tcp, port: 5432}", ip: "10.0.0.2"),
        Given.Service("web", "{name: https, port: 443}, {name: http, port: 80}", ip: "10.0.0.3"),
        Given.Pod("client-1", "app: client"));

    [Fact]
    public void Rules_of_every_VirtualService_for_the_host_count_the_oldest_first()
    {
        var routes = Listener(5432, Cluster.Of(
            World,
            Given.VirtualService("younger", "{hosts: [db], tcp: [{match: [{destinationSubnets: [10.0.0.0/8]}], route: [{destination: {host: copy}}]}]}", age: 1),
            Given.VirtualService("older", "{hosts: [db], tcp: [{match: [{destinationSubnets: [10.0.0.1]}], route: [{destination: {host: db}}]}]}", age: 2))).TcpRoutes;
        Assert.Equal(["VirtualService/default/older#tcp[0]", "VirtualService/default/younger#tcp[0]", ""], routes.Select(route => route.Origin));
        // What none of them takes goes where it was meant to.
        Assert.Equal("outbound|5432||db.default.svc.cluster.local", routes[^1].Destinations.Single().Cluster);
    }

    [Fact]
    public void Nothing_comes_after_a_rule_that_takes_every_connection()
    {
        var routes = Listener(5432, Cluster.Of(World, Given.VirtualService("db", "{hosts: [db], tcp: [{route: [{destination: {host: copy}}]}, {route: [{destination: {host: db}}]}]}"))).TcpRoutes;
        Assert.Equal("outbound|5432||copy.default.svc.cluster.local", Assert.Single(routes).Destinations.Single().Cluster);
    }

    [Theory]
    [InlineData("{port: 5432}", true)]
    [InlineData("{port: 80}", false)]
    [InlineData("{sourceLabels: {app: client}}", true)]
    [InlineData("{sourceLabels: {app: other}}", false)]
    [InlineData("{sourceNamespace: default}", true)]
    [InlineData("{sourceNamespace: other}", false)]
    [InlineData("{gateways: [ingress]}", false)]
    [InlineData("{gateways: [ingress, mesh]}", true)]
    public void A_match_that_is_for_others_is_not_told(string match, bool told) =>
        Assert.Equal(told, !Listener(5432, Cluster.Of(World, Given.VirtualService("db", $"{{hosts: [db], tcp: [{{match: [{match}], route: [{{destination: {{host: copy}}}}]}}]}}"))).TcpRoutes.IsEmpty);

    [Fact]
    public void A_port_declared_TLS_goes_by_server_name_and_weights()
    {
        var listener = Listener(443, Cluster.Of(World, Given.VirtualService("web",
            "{hosts: [web, web.example.org], tls: [{match: [{sniHosts: [WEB.example.org]}], route: [{destination: {host: web}, weight: 3}, {destination: {host: copy, port: {number: 5432}}, weight: 1}]}]}")));
        var route = Assert.Single(listener.TlsRoutes);
        Assert.Equal(["web.example.org"], route.SniHosts);
        Assert.Equal([("outbound|443||web.default.svc.cluster.local", 3), ("outbound|5432||copy.default.svc.cluster.local", 1)], route.Destinations.Select(destination => (destination.Cluster, destination.Weight)));
        Assert.Empty(listener.TcpDestinations); // of another name: unknown
    }

    [Fact]
    public void Proxies_that_hold_such_rules_count_for_them_and_nothing_is_said_to_be_unsupported()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Given.VirtualService("db", "{hosts: [db], tcp: [{route: [{destination: {host: copy}}]}]}")));
        var key = new RuleKey(RuleKey.VirtualService, new("default", "db"));
        Assert.Equal(["outbound"], plan.Pods[new("default", "client-1")].SectionsOf(key));
        Assert.Null(plan.Verdicts[key].NotAccepted);
        Assert.DoesNotContain(plan.Verdicts[key].Findings, finding => finding.Code == FindingCodes.FieldNotSupportedYet);
    }

    private static OutboundListener Listener(int port, MeshSnapshot snapshot) =>
        MeshPlanner.Plan(snapshot).ConfigOf("client-1").Outbound.Listeners.First(listener => listener.Port == port && (port != 5432 || listener.Addresses.Contains("10.0.0.1")));
}
