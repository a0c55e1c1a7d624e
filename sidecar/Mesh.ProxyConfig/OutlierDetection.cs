using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>When a member that fails is left out of balancing for a while (ejected), judged by this proxy alone.</summary>
public sealed record OutlierDetection
{
    /// <summary>Answers of 5xx in a row; 0 switches this off. Default 5. Failed connections count as 5xx unless <see cref="SplitLocalOriginErrors"/>.</summary>
    public int Consecutive5xx { get; init; } = 5;

    /// <summary>Answers of 502, 503 or 504 in a row; 0, the default, switches this off.</summary>
    public int ConsecutiveGatewayErrors { get; init; }

    /// <summary>Failures met on the way (connection refused, reset, timed out) are counted apart. Default false.</summary>
    public bool SplitLocalOriginErrors { get; init; }

    /// <summary>Such failures in a row. Default 5; used with <see cref="SplitLocalOriginErrors"/> only.</summary>
    public int ConsecutiveLocalOriginFailures { get; init; } = 5;

    /// <summary>Statuses that count in place of 5xx; empty: all of 5xx.</summary>
    public ImmutableArray<int> ErrorCodes { get; init; } = [];

    /// <summary>How often ejected members are looked at. Default 10 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Ejected for this time multiplied by the number of ejections in a row. Default 30 s.</summary>
    public TimeSpan BaseEjectionTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Never longer than this. Default 300 s (or the base, where that is longer).</summary>
    public TimeSpan MaxEjectionTime { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>
    /// Share of the pool that may be ejected. Default 10. One member may always be ejected, the last that is left never, so
    /// that small pools are protected too.
    /// </summary>
    public int MaxEjectionPercent { get; init; } = 10;

    /// <summary>With fewer healthy members than this share, all are used (panic). Default 0: never.</summary>
    public int MinHealthPercent { get; init; }
}
