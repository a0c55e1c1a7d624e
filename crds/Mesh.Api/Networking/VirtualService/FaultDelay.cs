using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A delay of a share of requests.</summary>
[AtMostOneOf(nameof(FixedDelay), nameof(ExponentialDelay))]
public sealed record FaultDelay
{
    /// <summary>Deprecated: use <c>percentage</c>.</summary>
    [Range(0, 100)]
    public int? Percent { get; init; }

    /// <summary>How long to wait, at least 1 ms: <c>5s</c>.</summary>
    [AtLeast("1ms")]
    public Duration? FixedDelay { get; init; }

    /// <summary>Never implemented by Istio; refused.</summary>
    public Duration? ExponentialDelay { get; init; }

    /// <summary>Share of requests. Absent is 0: nobody is delayed.</summary>
    public Percent? Percentage { get; init; }
}
