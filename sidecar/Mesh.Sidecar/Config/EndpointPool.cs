using System.Collections.Immutable;
using Mesh.Sidecar.Balancing;

namespace Mesh.Sidecar.Config;

/// <summary>The members of a cluster that may be given traffic, after the subset's filter.</summary>
public sealed class EndpointPool
{
    /// <summary>No members.</summary>
    public static readonly EndpointPool Empty = new([]);

    /// <summary>A pool of these members.</summary>
    public EndpointPool(ImmutableArray<CompiledEndpoint> members)
    {
        Members = members;
        EqualWeights = members.All(member => member.Weight == members[0].Weight);
        TotalWeight = members.Sum(member => (long)member.Weight);
    }

    /// <summary>Ordered by address and port.</summary>
    public ImmutableArray<CompiledEndpoint> Members { get; }

    /// <summary>Whether all members weigh the same.</summary>
    public bool EqualWeights { get; }

    /// <summary>Sum of the weights.</summary>
    public long TotalWeight { get; }

    /// <summary>How keys are laid over the members, where they are balanced so.</summary>
    internal KeyTable? Table { get; init; }

    /// <summary>Why it is empty, when that is a failure of its own (DNS); else <c>null</c>.</summary>
    public string? Failure { get; init; }
}
