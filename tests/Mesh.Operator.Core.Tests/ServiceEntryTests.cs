using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>What proxies are told of ServiceEntries and WorkloadEntries.</summary>
public sealed class ServiceEntryTests
{
    private const string Http = "{number: 80, name: http, protocol: HTTP}";

    private static readonly string Client = Given.Pod("client", "app: client");

    [Fact]
    public void Each_host_is_a_destination_with_its_ports()
    {
        var config = Told(Given.ServiceEntry("partner", $"{{hosts: [api.partner.com, www.partner.com], ports: [{Http}, {{number: 443, name: https, protocol: HTTPS}}], resolution: DNS}}"));
        foreach (var host in new[] { "api.partner.com", "www.partner.com" })
        {
            Assert.Equal([$"outbound|80||{host}"], config.Host(80, host)!.ClustersOf());
            var cluster = config.Clusters.Single(cluster => cluster.Name == $"outbound|443||{host}");
            Assert.Equal((Discovery.Dns, host), (cluster.Discovery, cluster.DnsName));
        }
    }

    [Fact]
    public void Static_endpoints_name_their_own_ports_weights_labels_and_places()
    {
        var config = Told(
            Given.ServiceEntry("db", """
                {hosts: [db.corp], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}], resolution: STATIC, location: MESH_INTERNAL, endpoints: [
                  {address: 192.0.2.1, ports: {http: 9090}, labels: {version: v2}, weight: 3, locality: r1/z1/s1, serviceAccount: db},
                  {address: 192.0.2.2}]}
                """),
            Given.DestinationRule("db", "{host: db.corp, subsets: [{name: v2, labels: {version: v2}}]}"));
        var members = config.MembersOf("db.corp", 80);
        Assert.Equal([("192.0.2.1", 9090, 3), ("192.0.2.2", 8080, 1)], members.Select(member => (member.Address, member.Port, member.Weight)));
        Assert.Equal(("r1", "z1", "s1", "db", "v2"), (members[0].Region, members[0].Zone, members[0].SubZone, members[0].ServiceAccount, members[0].Labels["version"]));
        Assert.Contains(config.Clusters, cluster => cluster.Name == "outbound|80|v2|db.corp");
    }

    [Fact]
    public void Without_resolution_connections_go_where_the_client_meant_them_to()
    {
        var config = Told(Given.ServiceEntry("wiki", $"{{hosts: ['*.wikipedia.org'], ports: [{Http}, {{number: 443, name: tls, protocol: TLS}}]}}"));
        Assert.All(config.Clusters, cluster => Assert.Equal(Discovery.OriginalDestination, cluster.Discovery));
        Assert.Equal(["outbound|80||*.wikipedia.org"], config.Host(80, "*.wikipedia.org")!.ClustersOf());
        Assert.Equal("outbound|443||*.wikipedia.org", config.Opaque("203.0.113.9", 443, "de.wikipedia.org"));
        Assert.Equal("", config.Opaque("203.0.113.9", 443, "example.org"));
        Assert.DoesNotContain(config.Outbound.Dns.Names, name => name.Name.Contains("wikipedia"));
    }

    [Fact]
    public void A_network_is_a_label_that_failover_may_prefer_by()
    {
        var config = Told(
            Given.ServiceEntry("db", $"{{hosts: [db.corp], ports: [{Http}], resolution: STATIC, endpoints: [{{address: 192.0.2.1, network: machines}}, {{address: 192.0.2.2}}]}}"),
            Given.DestinationRule("db", "{host: db.corp, trafficPolicy: {outlierDetection: {}, loadBalancer: {localityLbSetting: {failoverPriority: [topology.istio.io/network]}}}}"));
        Assert.Equal(["machines", null], config.MembersOf("db.corp", 80).Select(member => member.Labels.GetValueOrDefault("topology.istio.io/network")));
    }

    [Theory]
    [InlineData("STATIC", "unix:///run/App.sock", 1)]
    [InlineData("STATIC", "unix://@agent", 1)]
    [InlineData("DNS", "unix:///run/App.sock", 0)] // nothing is looked up there: an error of the entry
    public void A_socket_is_a_member_where_members_are_known(string resolution, string address, int members)
    {
        var config = Told(Given.ServiceEntry("agent", $"{{hosts: [agent.corp], ports: [{Http}], resolution: {resolution}, endpoints: [{{address: '{address}'}}]}}"));
        Assert.Equal(Enumerable.Repeat((address, 80), members), config.Endpoints.SelectMany(group => group.Endpoints).Select(member => (member.Address, member.Port)));
    }

    [Fact]
    public void With_DYNAMIC_DNS_the_host_asked_for_is_looked_up()
    {
        var config = Told(Given.ServiceEntry("tenants", "{hosts: ['*.example.com'], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}, {number: 443, name: tls, protocol: TLS}], resolution: DYNAMIC_DNS}"));
        Assert.All(config.Clusters, cluster => Assert.Equal(Discovery.DynamicDns, cluster.Discovery));
        Assert.Equal(["outbound|80||*.example.com"], config.Host(80, "*.example.com")!.ClustersOf());
        Assert.Equal("outbound|443||*.example.com", config.Opaque("203.0.113.9", 443, "de.example.com"));
        Assert.Equal([("*.example.com", 8080)], config.MembersOf("*.example.com", 80).Select(member => (member.Address, member.Port)));
        Assert.Empty(config.MembersOf("*.example.com", 443));
        // The application is told addresses by the world's name servers, as the name stands for many.
        Assert.Empty(config.Outbound.Dns.Names);
    }

    [Fact]
    public void Members_by_name_are_resolved_by_the_proxy()
    {
        var config = Told(Given.ServiceEntry("api", "{hosts: ['*.api.corp'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS_ROUND_ROBIN, endpoints: [{address: lb.api.corp, ports: {http: 8080}}]}"));
        var cluster = Assert.Single(config.Clusters);
        Assert.Equal((Discovery.DnsRoundRobin, ""), (cluster.Discovery, cluster.DnsName));
        Assert.Equal([("lb.api.corp", 8080)], config.MembersOf("*.api.corp", 80).Select(member => (member.Address, member.Port)));
    }

    [Fact]
    public void Workload_entries_and_pods_are_selected_by_label()
    {
        var config = Told(
            Given.ServiceEntry("reviews", "{hosts: [reviews.corp], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 9080}], resolution: STATIC, location: MESH_INTERNAL, workloadSelector: {labels: {app: reviews}}}"),
            Given.WorkloadEntry("vm-1", "{address: 192.0.2.7, labels: {app: reviews}, ports: {http: 9999}}"),
            Given.WorkloadEntry("vm-2", "{address: 192.0.2.8, labels: {app: ratings}}"),
            Given.MutualPod("reviews-1", "app: reviews", ip: "10.1.0.8"),
            Given.Pod("elsewhere", "app: reviews", "other", "10.1.0.9"));
        Assert.Equal(
            [("10.1.0.8", 9080, true), ("192.0.2.7", 9999, false)],
            config.MembersOf("reviews.corp", 80).Select(member => (member.Address, member.Port, member.MutualTls)));
    }

    [Fact]
    public void A_service_of_the_cluster_selects_workload_entries_too()
    {
        var config = Told(
            Given.Service("reviews", "{name: http, port: 80, targetPort: 9080}"),
            Given.Slice("reviews", 9080, Given.Endpoint("10.1.0.8", "reviews-1")),
            Given.WorkloadEntry("vm-1", "{address: 192.0.2.7, labels: {app: reviews}}"));
        Assert.Equal(["10.1.0.8:9080", "192.0.2.7:9080"], config.MembersOf("reviews.default.svc.cluster.local", 80).Select(member => $"{member.Address}:{member.Port}"));
    }

    [Fact]
    public void Mutual_tls_is_not_spoken_to_what_is_outside_the_mesh()
    {
        var config = Told(
            Given.ServiceEntry("reviews", $"{{hosts: [reviews.corp], ports: [{Http}], resolution: STATIC, workloadSelector: {{labels: {{app: reviews}}}}}}"),
            Given.MutualPod("reviews-1", "app: reviews", ip: "10.1.0.8"));
        Assert.False(Assert.Single(config.MembersOf("reviews.corp", 80)).MutualTls);
    }

    [Fact]
    public void A_host_without_address_is_given_one_that_its_name_resolves_to()
    {
        var config = Told(Given.ServiceEntry("redis", "{hosts: [redis.corp], ports: [{number: 6379, name: tcp, protocol: TCP}], resolution: STATIC, endpoints: [{address: 192.0.2.1}]}"));
        var address = Assert.Single(Assert.Single(config.Outbound.Dns.Names, name => name.Name == "redis.corp").Addresses);
        Assert.StartsWith("240.240.", address);
        Assert.Equal("outbound|6379||redis.corp", config.Opaque(address, 6379));
        Assert.Equal("", config.Opaque("192.0.2.200", 6379));
    }

    [Fact]
    public void A_host_that_asks_for_no_address_is_its_port_at_every_address()
    {
        var config = Told(Given.ServiceEntry("redis", "{hosts: [redis.corp], ports: [{number: 6379, name: tcp, protocol: TCP}], resolution: STATIC, endpoints: [{address: 192.0.2.1}]}")
            .Replace("namespace: default,", "namespace: default, labels: {networking.istio.io/enable-autoallocate-ip: \"false\"},"));
        Assert.DoesNotContain(config.Outbound.Dns.Names, name => name.Name == "redis.corp");
        Assert.Equal("outbound|6379||redis.corp", config.Opaque("192.0.2.200", 6379));
    }

    [Fact]
    public void Addresses_given_out_are_kept_and_no_two_hosts_share_one()
    {
        var entries = Enumerable.Range(0, 300).Select(i => Given.ServiceEntry($"e{i}", $"{{hosts: [h{i}.corp], ports: [{{number: 1000, name: tcp, protocol: TCP}}], resolution: DNS}}")).ToArray();
        var first = AddressesIn(Cluster.Of(entries));
        Assert.Equal(300, first.Values.Distinct().Count());

        // Remembered from the status: whoever is added or removed, those that were there keep theirs.
        var remembered = entries.Select((entry, i) => entry + $"\nstatus: {{addresses: [{{host: h{i}.corp, value: {first[$"h{i}.corp"]}}}]}}").ToArray();
        var without = AddressesIn(Cluster.Of([.. remembered.Skip(100), Given.ServiceEntry("older", "{hosts: [older.corp], ports: [{number: 1000, name: tcp, protocol: TCP}], resolution: DNS}", age: 100)]));
        Assert.All(Enumerable.Range(100, 200), i => Assert.Equal(first[$"h{i}.corp"], without[$"h{i}.corp"]));
        Assert.Equal(201, without.Values.Distinct().Count());
    }

    [Fact]
    public void Of_two_that_claim_one_address_the_older_keeps_it()
    {
        const string Held = "\nstatus: {addresses: [{host: HOST, value: 240.240.1.1}]}";
        const string Spec = "{hosts: [HOST], ports: [{number: 1000, name: tcp, protocol: TCP}], resolution: DNS}";
        var addresses = AddressesIn(Cluster.Of(
            (Given.ServiceEntry("a", Spec, age: 1) + Held).Replace("HOST", "young.corp"),
            (Given.ServiceEntry("b", Spec, age: 2) + Held).Replace("HOST", "old.corp")));
        Assert.Equal("240.240.1.1", addresses["old.corp"]);
        Assert.NotEqual("240.240.1.1", addresses["young.corp"]);
    }

    [Fact]
    public void A_service_of_the_cluster_keeps_its_name()
    {
        var config = Told(
            Given.Service("reviews", "{name: http, port: 80}"),
            Given.ServiceEntry("squatter", $"{{hosts: [reviews.default.svc.cluster.local], ports: [{Http}], resolution: STATIC, endpoints: [{{address: 192.0.2.66}}]}}", "other", age: 99));
        Assert.Empty(config.MembersOf("reviews.default.svc.cluster.local", 80));
    }

    [Fact]
    public void Entries_of_one_host_in_one_namespace_are_one_service_with_the_ports_of_all()
    {
        var config = Told(
            Given.ServiceEntry("first", $"{{hosts: [api.corp], ports: [{Http}], resolution: STATIC, endpoints: [{{address: 192.0.2.1}}]}}", age: 2),
            Given.ServiceEntry("second", "{hosts: [api.corp], ports: [{number: 81, name: http-2, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 192.0.2.2}]}"));
        Assert.Equal(["192.0.2.1"], config.MembersOf("api.corp", 80).Select(member => member.Address));
        Assert.Equal(["192.0.2.2"], config.MembersOf("api.corp", 81).Select(member => member.Address));
    }

    [Fact]
    public void Of_entries_in_several_namespaces_the_oldest_that_a_client_sees_has_the_host()
    {
        var config = Told(
            Given.ServiceEntry("hidden", $"{{hosts: [api.corp], exportTo: ['.'], ports: [{Http}], resolution: STATIC, endpoints: [{{address: 192.0.2.1}}]}}", "a", age: 3),
            Given.ServiceEntry("old", $"{{hosts: [api.corp], ports: [{Http}], resolution: STATIC, endpoints: [{{address: 192.0.2.2}}]}}", "b", age: 2),
            Given.ServiceEntry("young", $"{{hosts: [api.corp], ports: [{Http}], resolution: STATIC, endpoints: [{{address: 192.0.2.3}}]}}"));
        Assert.Equal(["192.0.2.2"], config.MembersOf("api.corp", 80).Select(member => member.Address));
    }

    [Fact]
    public void Several_tls_hosts_behind_one_address_are_told_apart_by_name()
    {
        var config = Told(
            Given.ServiceEntry("shared", "{hosts: [a.corp, b.corp], addresses: [203.0.113.1], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}"));
        Assert.Equal("outbound|443||a.corp", config.Opaque("203.0.113.1", 443, "a.corp"));
        Assert.Equal("outbound|443||b.corp", config.Opaque("203.0.113.1", 443, "b.corp"));
    }

    [Fact]
    public void The_narrower_network_wins_and_one_network_has_one_spelling()
    {
        var config = Told(
            Entry("blah1", "1234::/16", 3), Entry("blah2", "1234:1f1:123:123::/64", 2), Entry("blah3", "1234:ffff::/16", 1));
        Assert.Equal("outbound|9999||blah2.somedomain", config.Opaque("1234:1f1:123:123:f816:3eff:febf:57ce", 9999));
        Assert.Equal("outbound|9999||blah1.somedomain", config.Opaque("1234::1", 9999));

        static string Entry(string name, string network, int age) =>
            Given.ServiceEntry(name, $"{{hosts: [{name}.somedomain], addresses: ['{network}'], ports: [{{number: 9999, name: tcp, protocol: TCP}}], resolution: STATIC, endpoints: [{{address: '4::1'}}]}}", age: age);
    }

    [Fact]
    public void In_overlapping_networks_a_server_name_leads_only_to_the_host_of_its_own_network()
    {
        var config = Told(Entry("blah1", "1234::/16"), Entry("blah2", "1234:1f1:123:123::/64"));
        Assert.Equal("outbound|9999||blah2.somedomain", config.Opaque("1234:1f1:123:123:f816:3eff:febf:57ce", 9999, "blah2.somedomain"));
        Assert.Equal("outbound|9999||blah1.somedomain", config.Opaque("1234::1", 9999, "blah1.somedomain"));
        Assert.Equal("", config.Opaque("1234:1f1:123:123:f816:3eff:febf:57ce", 9999, "blah1.somedomain"));
        Assert.Equal("", config.Opaque("1234::1", 9999, "blah2.somedomain"));

        static string Entry(string name, string network) =>
            Given.ServiceEntry(name, $"{{hosts: [{name}.somedomain], addresses: ['{network}'], ports: [{{number: 9999, name: tls, protocol: TLS}}], resolution: STATIC, endpoints: [{{address: '4::1'}}]}}");
    }

    [Fact]
    public void Of_two_at_one_address_the_older_has_it()
    {
        var config = Told(Entry("blah1", "1.1.1.1", 2), Entry("blah2", "1.1.1.1, 2.2.2.2", 1));
        Assert.Equal("outbound|9999||blah2.somedomain", config.Opaque("2.2.2.2", 9999));
        Assert.Equal("outbound|9999||blah1.somedomain", config.Opaque("1.1.1.1", 9999));

        static string Entry(string name, string addresses, int age) =>
            Given.ServiceEntry(name, $"{{hosts: [{name}.somedomain], addresses: [{addresses}], ports: [{{number: 9999, name: tcp, protocol: TCP}}], resolution: STATIC, endpoints: [{{address: 9.9.9.9}}]}}", age: age);
    }

    [Fact]
    public void Members_of_headless_services_have_names_of_their_own()
    {
        var config = Told(
            Given.Service("db", "{name: tcp, port: 5432}", ip: "None"),
            Given.Slice("db", 5432, """{addresses: ["10.1.0.5"], hostname: db-0, conditions: {ready: true} }""", portName: "tcp"));
        var names = config.Outbound.Dns.Names.ToDictionary(name => name.Name, name => string.Join(',', name.Addresses));
        Assert.Equal("10.1.0.5", names["db.default.svc.cluster.local"]);
        Assert.Equal("10.1.0.5", names["db-0.db.default.svc.cluster.local"]);
    }

    [Fact]
    public void Rules_are_for_hosts_of_entries_as_for_any_other()
    {
        var config = Told(
            Given.ServiceEntry("partner", $"{{hosts: [api.partner.com], ports: [{Http}], resolution: DNS}}"),
            Given.VirtualService("partner", "{hosts: [api.partner.com], http: [{timeout: 3s, route: [{destination: {host: api.partner.com, subset: v1}}]}]}"),
            Given.DestinationRule("partner", "{host: '*.partner.com', subsets: [{name: v1, labels: {version: v1}}]}"));
        var host = config.Host(80, "api.partner.com")!;
        Assert.Equal(["outbound|80|v1|api.partner.com"], host.ClustersOf());
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.Single(host.Routes).Timeout);
    }

    private static ProxyConfig Told(params ReadOnlySpan<string> objects) => MeshPlanner.Plan(Cluster.Of([Client, .. objects])).ConfigOf("client");

    private static Dictionary<string, string> AddressesIn(MeshSnapshot snapshot) =>
        MeshPlanner.Plan(snapshot.With(Client)).ConfigOf("client").Outbound.Dns.Names.ToDictionary(name => name.Name, name => Assert.Single(name.Addresses));
}
