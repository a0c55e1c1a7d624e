using Mesh.Config;

namespace Mesh.Operator.Core.Status;

/// <summary>What is known of one proxy by asking it.</summary>
public sealed record ProxyObservation
{
    /// <summary>Its last report; null before the first.</summary>
    public ProxyReport? Report { get; init; }

    /// <summary>Since when it does not answer; null while it does.</summary>
    public DateTimeOffset? UnreachableSince { get; init; }
}
