using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Retries under way may be at most this share of all requests, so that retries never multiply an outage.</summary>
public sealed record RetryBudget
{
    /// <summary>Share of active and waiting requests, in percent. Default 20.</summary>
    [Range(0.0, 100.0)]
    public double? Percent { get; init; }

    /// <summary>Retries that are always allowed. Default 3.</summary>
    [Range(0, int.MaxValue)]
    public int? MinRetryConcurrency { get; init; }

    /// <summary>Requests that ended within this time are counted beside those under way, so that a service that answers fast has a budget too. Default 0: only those under way.</summary>
    public Duration? BudgetInterval { get; init; }
}
