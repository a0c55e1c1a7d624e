using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>Where the application's own connections are looked up, by their original destination.</summary>
public sealed record OutboundConfig
{
    /// <summary>What happens to destinations that no listener knows.</summary>
    public UnknownDestinations UnknownDestinations { get; init; } = UnknownDestinations.AllowAny;

    /// <summary>Where unknown destinations that are let through are sent instead; <c>null</c>: where they meant to go.</summary>
    public WeightedCluster? EgressProxy { get; init; }

    /// <summary>
    /// The most specific listener wins: one that lists the original destination's address and port, else one with the longest
    /// network around it, else one of that port without addresses, else <see cref="UnknownDestinations"/>.
    /// </summary>
    public ImmutableArray<OutboundListener> Listeners { get; init; } = [];

    /// <summary>Names that the proxy's DNS server answers by itself.</summary>
    public DnsTable Dns { get; init; } = new();
}
