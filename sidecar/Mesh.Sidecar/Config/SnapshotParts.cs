using Mesh.Config;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Config;

/// <summary>What a <see cref="ProxySnapshot"/> is put together from.</summary>
internal sealed record SnapshotParts
{
    public required ProxyConfig Config { get; init; }

    public required IReadOnlyList<CompiledCluster> Clusters { get; init; }

    public required IReadOnlyList<CompiledRouteTable> Routes { get; init; }

    public required IReadOnlyList<CompiledInboundPort> InboundPorts { get; init; }

    public required CompiledCluster Passthrough { get; init; }

    public required CompiledCluster BlackHole { get; init; }

    public required CompiledCluster InboundPassthrough { get; init; }
}
