namespace Mesh.Sidecar.Filters;

/// <summary>To the application: one route a port, to the address the connection was going to.</summary>
public sealed class InboundRouteFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        var port = exchange.Snapshot.FindInbound(exchange.OriginalDestination!.Port);
        exchange.Route = port.Route;
        exchange.Cluster = port.Cluster;
        exchange.ClusterName = port.Cluster.Name;
        return NextAsync(exchange);
    }
}
