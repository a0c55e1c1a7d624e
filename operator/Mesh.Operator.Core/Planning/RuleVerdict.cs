using System.Collections.Immutable;
using Mesh.Api;
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

    /// <summary>For a moment proxies are told something else than what is written: what, and until when, in words; null if they are not.</summary>
    public string? Waits { get; init; }

    /// <summary>Everything wrong with it, errors first; <see cref="Finding.Resource"/> is set.</summary>
    public required ImmutableArray<Finding> Findings { get; init; }

    /// <summary>Sidecars are told of it; rules for gateways alone are not for them.</summary>
    public bool IsForSidecars { get; init; } = true;

    /// <summary>The pods of the mesh that a PeerAuthentication is for.</summary>
    public ImmutableArray<ObjectKey> Pods { get; init; } = [];

    /// <summary>The hosts (FQDN, or with a leading star) whose members a DestinationRule or a HealthCheck is about.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>A status of the rule's kind with what only this kind has.</summary>
    public required RuleStatus Details { get; init; }
}
