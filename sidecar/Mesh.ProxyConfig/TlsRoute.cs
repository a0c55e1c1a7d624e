using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>A route for TLS connections by server name, and by where they were going.</summary>
public sealed record TlsRoute
{
    /// <summary>The rule it comes from, as <see cref="Route.Origin"/>.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Server names, exact or with a leading <c>*.</c>; a single <c>*</c> stands for all.</summary>
    public required ImmutableArray<string> SniHosts { get; init; }

    /// <summary>Addresses and networks of the original destination; empty: all.</summary>
    public ImmutableArray<string> Subnets { get; init; } = [];

    /// <summary>Where to, drawn by weight per connection.</summary>
    public required ImmutableArray<WeightedCluster> Destinations { get; init; }
}
