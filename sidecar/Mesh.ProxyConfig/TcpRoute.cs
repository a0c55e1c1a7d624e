using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>A route for opaque connections by where they were going.</summary>
public sealed record TcpRoute
{
    /// <summary>The rule it comes from, as <see cref="Route.Origin"/>.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>) of the original destination; empty: all.</summary>
    public ImmutableArray<string> Subnets { get; init; } = [];

    /// <summary>Where to, drawn by weight per connection.</summary>
    public required ImmutableArray<WeightedCluster> Destinations { get; init; }
}
