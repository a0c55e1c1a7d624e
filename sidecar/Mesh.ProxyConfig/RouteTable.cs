using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>The HTTP routes of one service port as seen from one scope.</summary>
public sealed record RouteTable
{
    /// <summary>Name, referred to by <see cref="OutboundListener.RouteTable"/>; the port as text.</summary>
    public required string Name { get; init; }

    /// <summary>Virtual hosts. Exact domains win over wildcards, longer wildcards over shorter; no domain stands twice.</summary>
    public ImmutableArray<VirtualHost> VirtualHosts { get; init; } = [];
}
