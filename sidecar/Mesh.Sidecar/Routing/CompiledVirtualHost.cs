using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>The routes of one host.</summary>
public sealed class CompiledVirtualHost(VirtualHost config)
{
    private readonly ImmutableArray<CompiledRoute> routes = [.. config.Routes.Select(route => new CompiledRoute(route))];

    /// <summary>Its name.</summary>
    public string Name => config.Name;

    /// <summary>In order.</summary>
    public ImmutableArray<CompiledRoute> Routes => routes;

    /// <summary>The first route that matches; <c>null</c> is 404 NR.</summary>
    public CompiledRoute? Match(Exchange exchange)
    {
        foreach (var route in routes)
        {
            if (route.Matches(exchange)) return route;
        }

        return null;
    }
}
