using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>Draws the destination by weight, by the client's key where the route says so. A destination that does not exist degrades its own share only.</summary>
public sealed class ClusterFilter(Random random) : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.Cluster is not null || exchange.Route is null) return NextAsync(exchange);
        exchange.Destination = Draw(exchange, exchange.Route);
        var drawn = exchange.Destination?.Config;
        exchange.ClusterName = drawn?.Cluster ?? "";
        if (drawn is null) exchange.Reject(503, ResponseFlag.NC, $"Route {exchange.Route.Config.Name} has no destination.");
        else if (drawn.Broken is { } broken) exchange.Reject(broken.Status, OutboundRouteFilter.FlagOf(broken), broken.Message);
        else
        {
            exchange.Cluster = exchange.Snapshot.FindCluster(drawn.Cluster);
            if (exchange.Cluster is null) exchange.Reject(503, ResponseFlag.NC, $"Cluster {drawn.Cluster} does not exist.");
        }

        return NextAsync(exchange);
    }

    private CompiledDestination? Draw(Exchange exchange, CompiledRoute route)
    {
        if (route.Config.SplitBy is { } key && route.Destinations.IsOpen && KeyHash.Of(key, exchange, random) is { } hash)
            return route.Destinations.At(KeyHash.ShareOf(hash));
        return route.Destinations.Draw(random);
    }
}
