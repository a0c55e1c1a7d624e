using Mesh.Config;

namespace Mesh.ProxyConfig.Tests;

public sealed class ProxyConfigValidatorTests
{
    private static readonly SampleConfig Sample = new();

    [Fact]
    public void A_sound_config_has_no_problems()
    {
        Assert.Empty(ProxyConfigValidator.Validate(Sample.Assembled()));
    }

    public static TheoryData<string, string, string> Problems => new()
    {
        { "listener port", "outbound: listeners[0].port", "0 is not a port" },
        { "listener twice", "outbound: listeners[1].port", "a second listener for port 9080" },
        { "listener address", "outbound: listeners[0].addresses[0]", "'reviews' is not an IP address" },
        { "listener address twice", "outbound: listeners[1].addresses[0]", "a second listener for 10.0.0.1" },
        { "no such table", "outbound: listeners[0].routeTable", "there is no route table '80'" },
        { "http without table", "outbound: listeners[0].routeTable", "there are no routes for it" },
        { "tcp cluster", "outbound: listeners[0].tcpDestinations[0].cluster", "there is no cluster 'x'" },
        { "tls without names", "outbound: listeners[0].tlsRoutes[0].sniHosts", "one at least" },
        { "tls name", "outbound: listeners[0].tlsRoutes[0].sniHosts", "a star may only lead" },
        { "listener network", "outbound: listeners[0].addresses[0]", "'10.0.0.0/33' is not an IP address or network" },
        { "listener network twice", "outbound: listeners[0].addresses[1]", "a second listener for 10.1.2.3/8" },
        { "tcp route without destination", "outbound: listeners[0].tcpRoutes[0].destinations", "one at least" },
        { "tcp route subnet", "outbound: listeners[0].tcpRoutes[0].subnets[1]", "'10.0' is not" },
        { "tls route subnet", "outbound: listeners[0].tlsRoutes[0].subnets[0]", "'a' is not" },
        { "dns name case", "outbound: dns.names[0].name", "lower case" },
        { "dns name dot", "outbound: dns.names[0].name", "between dots" },
        { "dns name star", "outbound: dns.names[0].name", "a star may only lead" },
        { "dns name twice", "outbound: dns.names[1].name", "stands twice" },
        { "dns label", "outbound: dns.names[0].name", "1 to 63" },
        { "dns address", "outbound: dns.names[0].addresses[0]", "is not an IP address" },
        { "inbound twice", "inbound: ports[1].port", "80 stands twice" },
        { "inbound endpoint", "inbound: ports[0].endpoint", "'127.0.0.1' is neither an address with a port nor a socket" },
        { "inbound pool", "inbound: ports[0].pool.maxConnections", "-1 is below zero" },
        { "no such cluster", "routes/9080: virtualHosts[0].routes[0].destinations[0].cluster", "there is no cluster 'x'" },
        { "negative weight", "routes/9080: virtualHosts[0].routes[0].destinations[0].weight", "-1 is below zero" },
        { "zero weights", "routes/9080: virtualHosts[0].routes[0].destinations", "all weights are zero" },
        { "no destination", "routes/9080: virtualHosts[0].routes[0].destinations", "one at least, or the route redirects" },
        { "broken and not", "routes/9080: virtualHosts[0].routes[0].destinations", "or is broken has none" },
        { "broken status", "routes/9080: virtualHosts[0].routes[0].broken.status", "200 is not an error status" },
        { "timeout", "routes/9080: virtualHosts[0].routes[0].timeout", "above zero" },
        { "attempts", "routes/9080: virtualHosts[0].routes[0].retry.attempts", "-1 is below zero" },
        { "retry code", "routes/9080: virtualHosts[0].routes[0].retry.statusCodes", "42 is not a status code" },
        { "back-off", "routes/9080: virtualHosts[0].routes[0].retry.backoffMax", "below backoffBase" },
        { "path regex", "routes/9080: virtualHosts[0].routes[0].matches[0].path.value", "'(' is not a regular expression" },
        { "header regex", "routes/9080: virtualHosts[0].routes[0].matches[0].headers[0].value.value", "no look-around" },
        { "header case", "routes/9080: virtualHosts[0].routes[0].matches[0].headers[0].name", "lower case" },
        { "kind", "routes/9080: virtualHosts[0].routes[0].matches[0].path.kind", "77 is not known here" },
        { "domain twice", "routes/9080: virtualHosts[1].domains", "'reviews' stands twice" },
        { "domain case", "routes/9080: virtualHosts[0].domains", "lower case" },
        { "domain port", "routes/9080: virtualHosts[0].domains", "without port" },
        { "cluster twice", "clusters/reviews.default.svc.cluster.local", "a second cluster" },
        { "cluster port", "clusters/reviews.default.svc.cluster.local: outbound|9080|v1|reviews.default.svc.cluster.local.port", "70000 is not a port" },
        { "dns name", "clusters/reviews.default.svc.cluster.local: outbound|9080|v1|reviews.default.svc.cluster.local.dnsName", "only when discovery is dns" },
        { "budget", "clusters/reviews.default.svc.cluster.local: outbound|9080|v1|reviews.default.svc.cluster.local.retryBudget.percent", "0 to 100" },
        { "endpoint address", "endpoints/reviews.default.svc.cluster.local: 9080.endpoints[0].address", "'reviews' is not an IP address" },
        { "endpoint weight", "endpoints/reviews.default.svc.cluster.local: 9080.endpoints[0].weight", "0 is below 1" },
        { "endpoint twice", "endpoints/reviews.default.svc.cluster.local: 9080.endpoints[1].address", "stands twice" },
        { "drain", "mesh: drainDuration", "below zero" },
    };

    [Theory]
    [MemberData(nameof(Problems))]
    public void A_problem_is_told_with_its_place(string mistake, string path, string message)
    {
        var problems = ProxyConfigValidator.Validate(Broken(mistake).Assembled());

        var problem = Assert.Single(problems);
        Assert.Equal(path, problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var config = Sample with
        {
            Mesh = new MeshSettings { DrainDuration = -TimeSpan.FromSeconds(1) },
            Routes = [SampleConfig.TableOf(SampleConfig.RouteTo("x"), SampleConfig.RouteTo("y"))],
        };

        Assert.Equal(3, ProxyConfigValidator.Validate(config.Assembled()).Length);
    }

    [Fact]
    public void A_broken_share_may_name_a_cluster_that_is_not_there()
    {
        var config = Sample with
        {
            Routes = [SampleConfig.TableOf(new Route
            {
                Destinations =
                [
                    new WeightedCluster { Cluster = SampleConfig.ClusterName("v1"), Weight = 50 },
                    new WeightedCluster { Cluster = "gone", Weight = 50, Broken = new BrokenRoute { Status = 503, Message = "no such subset" } },
                ],
            })],
        };

        Assert.Empty(ProxyConfigValidator.Validate(config.Assembled()));
    }

    [Fact]
    public void A_cluster_that_goes_away_is_missed_by_a_table_that_did_not_change()
    {
        var before = Sample.Assembled();
        var change = Sample with { Clusters = [new ClusterSet { Host = SampleConfig.Host, Clusters = [SampleConfig.ClusterOf("v2")] }] };
        var after = ConfigReader.Read(change.Document(2), "", before).Config!;

        var problem = Assert.Single(ProxyConfigValidator.Validate(after, before));
        Assert.Contains("there is no cluster", problem.Message, StringComparison.Ordinal);
    }

    private static SampleConfig Broken(string mistake)
    {
        var to = SampleConfig.RouteTo(SampleConfig.ClusterName("v1"));
        var listener = Sample.Outbound.Listeners[0];
        var cluster = SampleConfig.ClusterOf("v1");
        var member = SampleConfig.Member("10.0.0.1", "v1");
        var retry = new RetryPolicy { Attempts = 1 };
        return mistake switch
        {
            "listener port" => Listeners(listener with { Port = 0 }),
            "listener twice" => Listeners(listener, listener),
            "listener address" => Listeners(listener with { Addresses = ["reviews"] }),
            "listener address twice" => Listeners(listener with { Addresses = ["10.0.0.1"] }, listener with { Addresses = ["10.0.0.1"] }),
            "no such table" => Listeners(listener with { RouteTable = "80" }),
            "http without table" => Listeners(listener with { RouteTable = "" }),
            "tcp cluster" => Listeners(listener with { TcpDestinations = [new WeightedCluster { Cluster = "x" }] }),
            "tls without names" => Listeners(listener with { TlsRoutes = [new TlsRoute { SniHosts = [], Destinations = to.Destinations }] }),
            "listener network" => Listeners(listener with { Addresses = ["10.0.0.0/33"] }),
            "listener network twice" => Listeners(listener with { Addresses = ["10.0.0.0/8", "10.1.2.3/8"] }),
            "tcp route without destination" => Listeners(listener with { TcpRoutes = [new TcpRoute { Destinations = [] }] }),
            "tcp route subnet" => Listeners(listener with { TcpRoutes = [new TcpRoute { Subnets = ["10.0.0.0/8", "10.0"], Destinations = to.Destinations }] }),
            "tls route subnet" => Listeners(listener with { TlsRoutes = [new TlsRoute { SniHosts = ["a"], Subnets = ["a"], Destinations = to.Destinations }] }),
            "dns name case" => Dns(new DnsName { Name = "A.example.com" }),
            "dns name dot" => Dns(new DnsName { Name = "a.example.com." }),
            "dns name star" => Dns(new DnsName { Name = "a.*.com" }),
            "dns name twice" => Dns(new DnsName { Name = "a.com" }, new DnsName { Name = "a.com" }),
            "dns label" => Dns(new DnsName { Name = new string('a', 64) + ".com" }),
            "dns address" => Dns(new DnsName { Name = "a.com", Addresses = ["10.0.0.0/8"] }),
            "tls name" => Listeners(listener with { TlsRoutes = [new TlsRoute { SniHosts = ["a.*.b"], Destinations = to.Destinations }] }),
            "inbound endpoint" => Sample with { Inbound = new() { Ports = [new InboundPort { Port = 80, Endpoint = "127.0.0.1" }] } },
            "inbound pool" => Sample with { Inbound = new() { Ports = [new InboundPort { Port = 80, Pool = new() { MaxConnections = -1 } }] } },
            "inbound twice" => Sample with { Inbound = new() { Ports = [new InboundPort { Port = 80 }, new InboundPort { Port = 80 }] } },
            "no such cluster" => Routes(SampleConfig.RouteTo("x")),
            "negative weight" => Routes(to with { Destinations = [to.Destinations[0] with { Weight = -1 }] }),
            "zero weights" => Routes(to with { Destinations = [to.Destinations[0] with { Weight = 0 }, to.Destinations[0] with { Weight = 0 }] }),
            "no destination" => Routes(new Route()),
            "broken and not" => Routes(to with { Broken = new BrokenRoute { Status = 503, Message = "" } }),
            "broken status" => Routes(new Route { Broken = new BrokenRoute { Status = 200, Message = "" } }),
            "timeout" => Routes(to with { Timeout = TimeSpan.Zero }),
            "attempts" => Routes(to with { Retry = retry with { Attempts = -1 } }),
            "retry code" => Routes(to with { Retry = retry with { StatusCodes = [42] } }),
            "back-off" => Routes(to with { Retry = retry with { BackoffBase = TimeSpan.FromSeconds(1) } }),
            "path regex" => Matches(new RequestMatch { Path = Regex("(") }),
            "header regex" => Matches(new RequestMatch { Headers = [new NamedMatch { Name = "a", Value = Regex("(?=a)") }] }),
            "header case" => Matches(new RequestMatch { Headers = [new NamedMatch { Name = "End-User" }] }),
            "kind" => Matches(new RequestMatch { Path = new StringMatch { Kind = (StringMatchKind)77, Value = "" } }),
            "domain twice" => Sample with { Routes = [Sample.Routes[0] with { VirtualHosts = [.. Sample.Routes[0].VirtualHosts, new VirtualHost { Name = "b", Domains = ["reviews"] }] }] },
            "domain case" => Domains("Reviews"),
            "domain port" => Domains("reviews:9080"),
            "cluster twice" => Sample with { Clusters = [new ClusterSet { Host = SampleConfig.Host, Clusters = [cluster, cluster] }] },
            "cluster port" => Sample with { Clusters = [new ClusterSet { Host = SampleConfig.Host, Clusters = [cluster with { Port = 70000 }] }] },
            "dns name" => Sample with { Clusters = [new ClusterSet { Host = SampleConfig.Host, Clusters = [cluster with { DnsName = "db.example.com" }] }] },
            "budget" => Sample with { Clusters = [new ClusterSet { Host = SampleConfig.Host, Clusters = [cluster with { RetryBudget = new() { Percent = 101 } }] }] },
            "endpoint address" => Endpoints(member with { Address = "reviews" }),
            "endpoint weight" => Endpoints(member with { Weight = 0 }),
            "endpoint twice" => Endpoints(member, member),
            "drain" => Sample with { Mesh = new() { DrainDuration = TimeSpan.FromSeconds(-1) } },
            _ => throw new ArgumentException(mistake),
        };

        static SampleConfig Dns(params DnsName[] names) => Sample with { Outbound = Sample.Outbound with { Dns = new() { Names = [.. names] } } };
        static SampleConfig Listeners(params OutboundListener[] listeners) => Sample with { Outbound = new() { Listeners = [.. listeners] } };
        static SampleConfig Routes(params Route[] routes) => Sample with { Routes = [SampleConfig.TableOf(routes)] };
        SampleConfig Matches(RequestMatch match) => Routes(to with { Matches = [match] });
        static StringMatch Regex(string text) => new() { Kind = StringMatchKind.Regex, Value = text };
        static SampleConfig Domains(string domain) => Sample with { Routes = [Sample.Routes[0] with { VirtualHosts = [Sample.Routes[0].VirtualHosts[0] with { Domains = [domain] }] }] };
        static SampleConfig Endpoints(params Endpoint[] members) => Sample with
        {
            Endpoints = [new EndpointSet { Host = SampleConfig.Host, Groups = [new EndpointGroup { Host = SampleConfig.Host, Port = 9080, Endpoints = [.. members] }] }],
        };
    }
}
