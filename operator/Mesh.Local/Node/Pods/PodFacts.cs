using System.Collections.Immutable;

namespace Mesh.Local.Node.Pods;

/// <summary>What a pod's status says beside its containers. Held by the pod's worker.</summary>
internal sealed class PodFacts
{
    public required string HostIP { get; init; }

    public required DateTime StartTime { get; init; }

    public ImmutableArray<string> PodIPs { get; set; } = [];

    /// <summary>Network and volumes are there; no longer when the pod has ended.</summary>
    public bool IsPrepared { get; set; }

    /// <summary>Set when the pod as a whole failed.</summary>
    public string? Reason { get; set; }

    public string? Message { get; set; }

    /// <summary>Value and age of each condition as last told.</summary>
    public Dictionary<string, (string Status, DateTime Since)> Conditions { get; } = [];
}
