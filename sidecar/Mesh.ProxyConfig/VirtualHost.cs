using System.Collections.Immutable;

namespace Mesh.Config;

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
