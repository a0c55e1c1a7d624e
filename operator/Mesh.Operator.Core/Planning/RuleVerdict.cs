using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What can be said of a rule before any proxy is asked.</summary>
public sealed record RuleVerdict
{
    public required RuleKey Rule { get; init; }

    public required string Uid { get; init; }

    /// <summary>The generation judged.</summary>
    public required long Generation { get; init; }

    /// <summary>Null if accepted, else one of <see cref="ConditionReasons"/> that says why not.</summary>
    public string? NotAccepted { get; init; }

    /// <summary>Null if everything it names exists, else one of <see cref="ConditionReasons"/> that says what does not.</summary>
    public string? Unresolved { get; init; }

    /// <summary>Everything wrong with it, errors first; <see cref="Finding.Resource"/> is set.</summary>
    public required ImmutableArray<Finding> Findings { get; init; }

    /// <summary>Sidecars are told of it; rules for gateways alone are not for them.</summary>
    public bool IsForSidecars { get; init; } = true;

    /// <summary>A VirtualService's hosts and who owns each.</summary>
    public ImmutableArray<HostStatus> Hosts { get; init; } = [];

    /// <summary>A DestinationRule's subsets with the number of their ready endpoints: <c>v1:3 v2:0</c>.</summary>
    public string? Subsets { get; init; }
}
