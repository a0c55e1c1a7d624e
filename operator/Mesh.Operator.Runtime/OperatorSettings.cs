namespace Mesh.Operator.Runtime;

/// <summary>What the runtime has to be told.</summary>
public sealed record OperatorSettings
{
    /// <summary>Field manager and reporting controller.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace the operator lives in.</summary>
    public required string Namespace { get; init; }

    /// <summary>Who this process is among replicas. A process that starts under the name that holds the lease takes it at once.</summary>
    public required string Identity { get; init; }

    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);
}
