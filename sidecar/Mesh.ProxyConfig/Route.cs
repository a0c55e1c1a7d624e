using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>One HTTP route: when it applies and what is done. Exactly one of Destinations and Broken is given.</summary>
public sealed record Route
{
    /// <summary>Name in the access log: <c>ROUTE.MATCH</c> of the rule, else <c>default</c>.</summary>
    public string Name { get; init; } = "default";

    /// <summary>The rule it comes from: <c>VirtualService/NAMESPACE/NAME#http[2]</c>; empty for a default route.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Any of these must match; empty matches every request.</summary>
    public ImmutableArray<RequestMatch> Matches { get; init; } = [];

    /// <summary>Where to, drawn by weight per request.</summary>
    public ImmutableArray<WeightedCluster> Destinations { get; init; } = [];

    /// <summary>Given when the route cannot work as written: only this route degrades.</summary>
    public BrokenRoute? Broken { get; init; }

    /// <summary>Deadline over all tries and back-off; <c>null</c> is none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Retries; <c>null</c> is none.</summary>
    public RetryPolicy? Retry { get; init; }
}
