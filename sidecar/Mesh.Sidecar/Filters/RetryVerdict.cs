namespace Mesh.Sidecar.Filters;

/// <summary>Whether a try is followed by another.</summary>
public enum RetryVerdict
{
    /// <summary>The outcome is not worth another try.</summary>
    Done,

    /// <summary>Try again after the back-off; the place in the budget is taken and must be given back (ClusterState.EndRetry).</summary>
    Retry,

    /// <summary>It would be, but all tries are used up: URX.</summary>
    LimitReached,

    /// <summary>It would be, but too many retries are under way in this cluster: UO.</summary>
    OverBudget,
}
