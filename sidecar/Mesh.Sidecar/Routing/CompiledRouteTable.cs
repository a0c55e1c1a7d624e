using System.Collections.Immutable;
using Mesh.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>The HTTP routes of one service port.</summary>
public sealed class CompiledRouteTable
{
    private readonly HostTable<CompiledVirtualHost> hosts;

    /// <summary>Compiles.</summary>
    public CompiledRouteTable(RouteTable config)
    {
        Name = config.Name;
        VirtualHosts = [.. config.VirtualHosts.Select(host => new CompiledVirtualHost(host))];
        hosts = new HostTable<CompiledVirtualHost>(
            config.VirtualHosts.Zip(VirtualHosts, (told, compiled) => told.Domains.Select(domain => (domain, compiled))).SelectMany(pair => pair));
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>In the order told.</summary>
    public ImmutableArray<CompiledVirtualHost> VirtualHosts { get; }

    /// <summary>The virtual host this Host header means; <c>null</c> when none does.</summary>
    public CompiledVirtualHost? FindVirtualHost(string authority) => hosts.Find(Authority.HostOf(authority));
}
