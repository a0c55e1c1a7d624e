using System.Collections.Immutable;

namespace Mesh.Cli;

/// <summary>The injected pods that were asked about, by namespace and name, and who has which address.</summary>
internal sealed record ProxyReadings
{
    public required ImmutableArray<ProxyReading> Proxies { get; init; }

    /// <summary>Every pod asked about, meshed or not, as NAMESPACE/NAME.</summary>
    public required ImmutableDictionary<string, string> PodsByAddress { get; init; }
}
