using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>One HTTP route: when it applies and what is done. Exactly one of Destinations, Redirect, DirectResponse and Broken is given.</summary>
public sealed record Route
{
    /// <summary>Name in the access log: <c>ROUTE.MATCH</c> of the rule, else <c>default</c>.</summary>
    public string Name { get; init; } = "default";

    /// <summary>Its requests are counted by themselves under this name; <c>null</c>: they are not.</summary>
    public string? StatPrefix { get; init; }

    /// <summary>The rule it comes from: <c>VirtualService/NAMESPACE/NAME#http[2]</c>; empty for a default route.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Any of these must match; empty matches every request.</summary>
    public ImmutableArray<RequestMatch> Matches { get; init; } = [];

    /// <summary>Where to, drawn by weight per request.</summary>
    public ImmutableArray<WeightedCluster> Destinations { get; init; } = [];

    /// <summary>
    /// The share is drawn by this key rather than by chance, so that one client stays with one destination while the weights
    /// stand (sticky canary). <c>null</c>: by chance, as are requests without the key.
    /// </summary>
    public HashKey? SplitBy { get; init; }

    /// <summary>The client is sent elsewhere.</summary>
    public Redirect? Redirect { get; init; }

    /// <summary>The proxy answers by itself.</summary>
    public DirectResponse? DirectResponse { get; init; }

    /// <summary>Given when the route cannot work as written: only this route degrades.</summary>
    public BrokenRoute? Broken { get; init; }

    /// <summary>Deadline over all tries and back-off; <c>null</c> is none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Retries; <c>null</c> is none.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>What is changed of path and host before the request is sent on.</summary>
    public Rewrite? Rewrite { get; init; }

    /// <summary>Changes of headers; those of the destination drawn come after.</summary>
    public HeaderChanges? Headers { get; init; }

    /// <summary>Faults put into the way on purpose.</summary>
    public Fault? Fault { get; init; }

    /// <summary>Where copies of requests are sent.</summary>
    public ImmutableArray<Mirror> Mirrors { get; init; } = [];

    /// <summary>Cross-origin requests; <c>null</c>: left to the application.</summary>
    public CorsPolicy? Cors { get; init; }
}
