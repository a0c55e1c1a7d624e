using System.Collections.Immutable;

namespace Mesh.Local.Faults;

/// <summary>Everything that is broken on purpose now.</summary>
public sealed record FaultState
{
    public ImmutableArray<FaultInForce> Faults { get; init; } = [];

    /// <summary>Pods whose processes are stopped, as namespace/name.</summary>
    public ImmutableArray<string> Paused { get; init; } = [];

    public ImmutableArray<NodeState> Nodes { get; init; } = [];

    /// <summary>The operator is kept from running.</summary>
    public bool OperatorIsOff { get; init; }
}
