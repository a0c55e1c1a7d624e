namespace Mesh.Benchmarks.Scale;

/// <summary>What one kind of change cost.</summary>
public sealed record ScalePhase
{
    /// <summary>The change, in words.</summary>
    public required string Change { get; init; }

    /// <summary>Changes made.</summary>
    public required int Times { get; init; }

    /// <summary>Milliseconds from each change to the last acknowledgement.</summary>
    public required IReadOnlyList<double> Last { get; init; }

    /// <summary>Milliseconds from a new pod to its first config acknowledged; only where pods were made.</summary>
    public IReadOnlyList<double> FirstConfigs { get; init; } = [];

    /// <summary>Operator's histogram: milliseconds from a plan to its acknowledgement by a proxy, half and 99 of 100 within.</summary>
    public required double PushP50 { get; init; }

    public required double PushP99 { get; init; }

    /// <summary>Plans made meanwhile, and the mean milliseconds of one.</summary>
    public required double Plans { get; init; }

    public required double PlanMean { get; init; }

    /// <summary>Length of the phase.</summary>
    public required double Seconds { get; init; }

    /// <summary>The operator's processor time.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Its resident memory at the end, and the most until then, in bytes.</summary>
    public required long Resident { get; init; }

    public required long Most { get; init; }

    /// <summary>Its writes at the API, by method and resource.</summary>
    public required IReadOnlyDictionary<string, long> Writes { get; init; }
}
