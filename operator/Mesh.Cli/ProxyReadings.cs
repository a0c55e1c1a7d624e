using System.Collections.Immutable;

namespace Mesh.Cli;

/// <summary>All injected pods, by namespace and name, and who has which address.</summary>
internal sealed record ProxyReadings
{
    public required ImmutableArray<ProxyReading> Proxies { get; init; }

    /// <summary>Every pod of the cluster, meshed or not, as NAMESPACE/NAME.</summary>
    public required ImmutableDictionary<string, string> PodsByAddress { get; init; }
}
