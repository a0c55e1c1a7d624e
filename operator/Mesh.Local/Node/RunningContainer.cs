using System.Collections.Immutable;

namespace Mesh.Local.Node;

/// <summary>One container that runs, for commands beside the supervisor: enough to enter it as the user it runs as.</summary>
public sealed record RunningContainer
{
    public required string Namespace { get; init; }

    public required string Pod { get; init; }

    public required string PodUid { get; init; }

    public required string Container { get; init; }

    /// <summary>Number 1 of the container, as this machine counts.</summary>
    public required int Pid { get; init; }

    /// <summary>When the process began, so that a number used again is not mistaken for it.</summary>
    public required string Started { get; init; }

    /// <summary>The one meant when none is named.</summary>
    public required bool IsDefault { get; init; }

    public required uint User { get; init; }

    public required uint Group { get; init; }

    public ImmutableArray<uint> Groups { get; init; } = [];

    public ImmutableArray<string> Capabilities { get; init; } = [];
}
