using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>A route for TLS connections by server name.</summary>
public sealed record TlsRoute
{
    /// <summary>Server names, exact or with a leading <c>*.</c>.</summary>
    public required ImmutableArray<string> SniHosts { get; init; }

    /// <summary>Where to, drawn by weight per connection.</summary>
    public required ImmutableArray<WeightedCluster> Destinations { get; init; }
}
