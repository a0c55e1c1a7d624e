using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>Concurrent retries of a cluster may be at most max(Percent of active requests, MinConcurrency).</summary>
public sealed record RetryBudget
{
    /// <summary>Percent of the active requests. Default 20.</summary>
    public double Percent { get; init; } = 20;

    /// <summary>Always allowed. Default 3.</summary>
    public int MinConcurrency { get; init; } = 3;

    /// <summary>Requests that ended within this time count as active still. Default zero: only those under way count.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TimeSpan Interval { get; init; }
}
