using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>Everything decided for one snapshot.</summary>
public sealed record MeshPlan
{
    internal MeshPlan(PlanParts parts) => Parts = parts;

    /// <summary>The config of each pod that has a sidecar.</summary>
    public required ImmutableSortedDictionary<ObjectKey, PodPlan> Pods { get; init; }

    /// <summary>What can be said of each rule before any proxy is asked.</summary>
    public required ImmutableSortedDictionary<RuleKey, RuleVerdict> Verdicts { get; init; }

    /// <summary>Everything wrong anywhere, ordered by resource; rules' findings are in <see cref="Verdicts"/> too.</summary>
    public required ImmutableArray<Finding> Findings { get; init; }

    /// <summary>Secrets that rules name, those that are written and those that still hold.</summary>
    public ImmutableSortedSet<ObjectKey> CredentialNeeds => Credentials.CredentialNeeds.Of(Parts.Snapshot.DestinationRules).Union(Credentials.CredentialNeeds.Of(Parts.InForce.DestinationRules));

    /// <summary>When something that waits, or stays, is to be planned anew even if nothing changes; null if nothing does.</summary>
    public DateTimeOffset? HoldsUntil => Parts.InForce.Until;

    /// <summary>What the plan was made of, for the next one to share.</summary>
    internal PlanParts Parts { get; }
}
