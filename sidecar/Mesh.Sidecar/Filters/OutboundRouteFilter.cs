using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>Which rule takes the request: by port and Host header, whatever address the connection was going to.</summary>
public sealed class OutboundRouteFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        var snapshot = exchange.Snapshot;
        var routes = (exchange.OriginalDestination ?? exchange.DownstreamLocal) is { } destination ? snapshot.FindOutbound(destination)?.Routes : null;
        exchange.VirtualHost = routes?.FindVirtualHost(exchange.Authority);
        if (exchange.VirtualHost is null)
        {
            Unknown(exchange, snapshot);
            return NextAsync(exchange);
        }

        exchange.Route = exchange.VirtualHost.Match(exchange);
        if (exchange.Route is null) exchange.Reject(404, ResponseFlag.NR, $"No route of {exchange.VirtualHost.Name} matches {exchange.Method} {exchange.Path}.");
        else if (exchange.Route.Config.Broken is { } broken) exchange.Reject(broken.Status, FlagOf(broken), broken.Message);
        return NextAsync(exchange);
    }

    private static void Unknown(Exchange exchange, ProxySnapshot snapshot)
    {
        var isAddressed = exchange is { OriginalDestination: null, DownstreamLocal: not null };
        if (!isAddressed && snapshot.Config.Outbound.UnknownDestinations == UnknownDestinations.AllowAny)
        {
            var proxy = snapshot.Config.Outbound.EgressProxy;
            exchange.ClusterName = proxy?.Cluster ?? ClusterNames.Passthrough;
            exchange.Cluster = proxy is null ? snapshot.Passthrough : snapshot.FindCluster(proxy.Cluster);
            if (proxy?.Broken is { } broken) exchange.Reject(broken.Status, FlagOf(broken), broken.Message);
            return;
        }

        exchange.ClusterName = ClusterNames.BlackHole;
        exchange.Cluster = snapshot.BlackHole;
        exchange.Reject(502, ResponseFlag.None, isAddressed
            ? $"No service that is called through {exchange.DownstreamLocal} is named {exchange.Authority}."
            : $"No service of the mesh is named {exchange.Authority}, and unknown destinations are refused (outboundTrafficPolicy REGISTRY_ONLY).");
    }

    /// <summary>What the status a broken route answers with means in letters.</summary>
    internal static ResponseFlag FlagOf(BrokenRoute broken) => broken.Status switch
    {
        404 => ResponseFlag.NR,
        503 => ResponseFlag.NC,
        _ => ResponseFlag.None,
    };
}
