using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.Tests.Config;

public sealed class ProxySnapshotTests
{
    private static readonly TestConfig Sample = new()
    {
        Outbound = new OutboundConfig
        {
            Listeners =
            [
                new OutboundListener { Port = 9080, Protocol = AppProtocol.Http, RouteTable = "9080" },
                new OutboundListener { Port = 9080, Addresses = ["10.1.0.1", "fd00::1"], Protocol = AppProtocol.Tcp, TcpDestinations = [To("v1")] },
                new OutboundListener { Port = 443, Protocol = AppProtocol.Tls, TlsRoutes = [new TlsRoute { SniHosts = ["a.com", "*.b.com"], Destinations = [To("v2")] }] },
            ],
        },
    };

    [Theory]
    [InlineData("10.1.0.1", 9080, AppProtocol.Tcp)] // address and port before port alone
    [InlineData("::ffff:10.1.0.1", 9080, AppProtocol.Tcp)]
    [InlineData("fd00::1", 9080, AppProtocol.Tcp)]
    [InlineData("10.1.0.2", 9080, AppProtocol.Http)]
    [InlineData("fd00::2", 9080, AppProtocol.Http)]
    public void The_most_specific_listener_wins(string address, int port, AppProtocol expected)
    {
        Assert.Equal(expected, Sample.Compile().FindOutbound(new IPEndPoint(IPAddress.Parse(address), port))!.Protocol);
    }

    [Fact]
    public void A_port_that_no_listener_knows_has_none()
    {
        Assert.Null(Sample.Compile().FindOutbound(new IPEndPoint(IPAddress.Parse("10.1.0.1"), 9081)));
    }

    [Theory]
    [InlineData("a.com", true)]
    [InlineData("A.com", true)]
    [InlineData("x.b.com", true)]
    [InlineData("x.y.b.com", true)]
    [InlineData("b.com", false)]
    [InlineData("c.com", false)]
    [InlineData("", false)]
    public void Tls_goes_by_server_name(string serverName, bool found)
    {
        var listener = Sample.Compile().FindOutbound(new IPEndPoint(IPAddress.Loopback, 443))!;
        Assert.Equal(found, listener.FindTls(serverName, IPAddress.Loopback) is not null);
    }

    [Fact]
    public void An_inbound_port_goes_to_the_application_with_two_retries_of_what_was_not_sent()
    {
        var port = Sample.Compile().FindInbound(9080);

        Assert.Equal("inbound|9080||", port.Cluster.Name);
        Assert.Equal(AppProtocol.Http, port.Config.Protocol);
        Assert.Null(port.Route.Config.Timeout);
        Assert.Equal(2, port.Route.Config.Retry!.Attempts);
        Assert.Equal([RetryCondition.ResetBeforeRequest], port.Route.Config.Retry.RetryOn);
    }

    [Fact]
    public void The_mesh_may_say_otherwise_of_inbound_retries()
    {
        var policy = new RetryPolicy { Attempts = 5, RetryOn = [RetryCondition.GatewayError] };
        var snapshot = (Sample with { Mesh = Sample.Mesh with { InboundRetry = policy } }).Compile();
        foreach (var port in new[] { 9080, 1 }) // declared, and not
        {
            var retry = snapshot.FindInbound(port).Route.Config.Retry!;
            Assert.Equal((5, RetryCondition.GatewayError), (retry.Attempts, Assert.Single(retry.RetryOn)));
        }

        Assert.Equal(0, (Sample with { Mesh = Sample.Mesh with { InboundRetry = policy with { Attempts = 0 } } }).Compile().FindInbound(9080).Route.Retry.Attempts);
    }

    [Fact]
    public void An_inbound_grpc_port_has_no_retries()
    {
        var snapshot = (Sample with { Inbound = new() { Ports = [new InboundPort { Port = 50051, Protocol = AppProtocol.Http2 }] } }).Compile();
        Assert.Null(snapshot.FindInbound(50051).Route.Config.Retry);
    }

    [Fact]
    public void An_inbound_port_that_nobody_declared_is_passed_through()
    {
        var port = Sample.Compile().FindInbound(1234);
        Assert.Equal(ClusterNames.InboundPassthrough, port.Cluster.Name);
        Assert.Equal(AppProtocol.Auto, port.Config.Protocol);
        Assert.Equal(1234, port.Config.Port);
    }

    [Fact]
    public void Built_in_clusters_are_found_by_name()
    {
        var snapshot = Sample.Compile();
        foreach (var name in new[] { ClusterNames.Passthrough, ClusterNames.BlackHole, ClusterNames.InboundPassthrough, "inbound|9080||" })
            Assert.Equal(name, snapshot.FindCluster(name)!.Name);
        Assert.Null(snapshot.FindCluster("outbound|1||nowhere"));
    }

    private static WeightedCluster To(string subset) => new() { Cluster = TestConfig.ClusterName(subset) };
}
