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

/// <summary>The routes of one host.</summary>
public sealed record VirtualHost
{
    /// <summary>The host as the rule or the Service names it, with port: <c>reviews.default.svc.cluster.local:9080</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Every form of the Host header that means this host, lower-case, without port; a leading <c>*</c> is a wildcard.</summary>
    public required ImmutableArray<string> Domains { get; init; }

    /// <summary>First match wins; no match is 404 NR.</summary>
    public ImmutableArray<Route> Routes { get; init; } = [];
}
