using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Filters;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Tests.Filters;

/// <summary>A route without a feature pays nothing for it.</summary>
public sealed class NoFeatureTests
{
    [Fact]
    public void The_steps_of_a_plain_route_allocate_nothing_and_never_wait()
    {
        var random = new Random(1);
        var mirrors = new MirrorSender(new EndpointPicker(random), null!, TimeProvider.System);
        var way = Filter.Chain(
            new RedirectFilter(), new DirectResponseFilter(), new CorsFilter(), new FaultFilter(random, TimeProvider.System),
            new ClusterFilter(random), new HeadersFilter(), new RewriteFilter(), new MirrorFilter(mirrors, random));
        var route = new CompiledRoute(TestConfig.RouteTo("v1"));
        var exchanges = Enumerable.Range(0, 1001).Select(_ =>
        {
            var exchange = TestExchange.Of();
            exchange.Route = route;
            return exchange;
        }).ToArray();
        Assert.True(way.InvokeAsync(exchanges[0]).IsCompletedSuccessfully); // the first one compiles the code

        var before = GC.GetAllocatedBytesForCurrentThread();
        var waited = false;
        foreach (var exchange in exchanges.AsSpan(1)) waited |= !way.InvokeAsync(exchange).IsCompletedSuccessfully;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.False(waited);
        Assert.Equal(0, allocated);
        Assert.Equal(TestConfig.ClusterName("v1"), exchanges[^1].ClusterName);
    }
}
