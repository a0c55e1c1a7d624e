using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>When and how often a request is tried again. The route's timeout covers all tries.</summary>
public sealed record RetryPolicy
{
    /// <summary>Number of further tries after the first.</summary>
    public required int Attempts { get; init; }

    /// <summary>Limit of one try until response headers arrive; <c>null</c> = the route's timeout.</summary>
    public TimeSpan? PerTryTimeout { get; init; }

    /// <summary>What is worth another try.</summary>
    public ImmutableArray<RetryCondition> RetryOn { get; init; } = [];

    /// <summary>Response codes worth another try.</summary>
    public ImmutableArray<int> StatusCodes { get; init; } = [];

    /// <summary>
    /// A request that may have reached an endpoint is tried again only if doing so twice is as doing so once: its method is
    /// idempotent (GET, HEAD, OPTIONS, TRACE, PUT, DELETE) or it carries an <c>Idempotency-Key</c>. Default false.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OnlyIdempotent { get; init; }

    /// <summary>Base of the exponential back-off with full jitter. Default 25 ms.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Cap of the back-off. Default 10 times the base.</summary>
    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Prefer endpoints that were not tried yet. Default <c>true</c>.</summary>
    public bool IgnorePreviousHosts { get; init; } = true;

    /// <summary>Further tries prefer endpoints of other localities than those tried. Default false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RemoteLocalities { get; init; }
}
