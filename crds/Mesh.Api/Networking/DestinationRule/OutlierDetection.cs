using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>When an endpoint that fails is left out (ejected) for a while.</summary>
public sealed record OutlierDetection
{
    /// <summary>Deprecated: use <c>consecutiveGatewayErrors</c> or <c>consecutive5xxErrors</c>.</summary>
    [Range(0, int.MaxValue)]
    public int? ConsecutiveErrors { get; init; }

    /// <summary>Count failures to connect apart from responses. Default false.</summary>
    public bool? SplitExternalLocalOriginErrors { get; init; }

    /// <summary>Failures to connect in a row until ejection, when counted apart. Default 5.</summary>
    [Range(0, int.MaxValue)]
    public int? ConsecutiveLocalOriginFailures { get; init; }

    /// <summary>Responses 502, 503 or 504 in a row until ejection. Default: off.</summary>
    [Range(0, int.MaxValue)]
    public int? ConsecutiveGatewayErrors { get; init; }

    /// <summary>Responses 5xx in a row until ejection; 0 is off. Default 5.</summary>
    [Range(0, int.MaxValue)]
    public int? Consecutive5xxErrors { get; init; }

    /// <summary>How often ejected endpoints are looked at, at least 1 ms. Default 10 s.</summary>
    [AtLeast("1ms")]
    public Duration? Interval { get; init; }

    /// <summary>First ejection's length, growing with each further one; at least 1 ms. Default 30 s.</summary>
    [AtLeast("1ms")]
    public Duration? BaseEjectionTime { get; init; }

    /// <summary>Most endpoints ejected at once, in percent. Default 10.</summary>
    [Range(0, 100)]
    public int? MaxEjectionPercent { get; init; }

    /// <summary>Below this share of healthy endpoints, in percent, ejection is ignored. Default 0.</summary>
    [Range(0, 100)]
    public int? MinHealthPercent { get; init; }

    /// <summary>Status codes, 100 to 599, that count as errors, instead of 5xx.</summary>
    public IReadOnlyList<int> OutlierDetectionHttpErrorCodes { get; init; } = [];
}
