using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Retries of a failed request, with exponential back-off and full jitter.</summary>
public sealed record HttpRetry
{
    /// <summary>How many further tries after the first; 0 switches retries off.</summary>
    [Range(0, int.MaxValue)]
    public int? Attempts { get; init; }

    /// <summary>Limit of one try, at least 1 ms. Default: the rule's timeout; no effect unless below it.</summary>
    [AtLeast("1ms")]
    public Duration? PerTryTimeout { get; init; }

    /// <summary>
    /// What is worth another try, separated by commas; default <c>connect-failure,refused-stream,unavailable,cancelled</c>.
    /// Also <c>5xx</c>, <c>gateway-error</c>, <c>reset</c>, <c>reset-before-request</c>, <c>retriable-4xx</c>,
    /// <c>retriable-status-codes</c>, <c>retriable-headers</c>, <c>envoy-ratelimited</c>, <c>deadline-exceeded</c>,
    /// <c>internal</c>, <c>resource-exhausted</c>, <c>http3-post-connect-failure</c> and plain status codes (<c>503</c>).
    /// </summary>
    public string? RetryOn { get; init; }

    /// <summary>Whether retries may leave the caller's locality. Default false.</summary>
    public bool? RetryRemoteLocalities { get; init; }

    /// <summary>Whether retries avoid endpoints already tried. Default true.</summary>
    public bool? RetryIgnorePreviousHosts { get; init; }

    /// <summary>Base of the back-off, at least 1 ms. Default 25 ms; grows to at most ten times that.</summary>
    [AtLeast("1ms")]
    public Duration? Backoff { get; init; }
}
