using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Routing;

/// <summary>One port of the application: one route that takes every request to where it wanted to go.</summary>
public sealed class CompiledInboundPort(InboundPort config, CompiledCluster cluster, CompiledRoute route)
{
    /// <summary>As told; for a port that nobody declared only the number.</summary>
    public InboundPort Config { get; } = config;

    /// <summary>The application itself, at the connection's original destination.</summary>
    public CompiledCluster Cluster { get; } = cluster;

    /// <summary>Without timeout; two retries of requests of which nothing was sent yet.</summary>
    public CompiledRoute Route { get; } = route;
}
