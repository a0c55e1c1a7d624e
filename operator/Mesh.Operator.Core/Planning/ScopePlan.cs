using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What every client of a scope is told, apart from endpoints.</summary>
internal sealed record ScopePlan
{
    public required Scope Scope { get; init; }

    /// <summary>The services that clients of the scope can call, by host.</summary>
    public required ImmutableArray<Service> Callable { get; init; }

    /// <summary>These, and those that only rules lead to, by host.</summary>
    public required ImmutableArray<Service> Services { get; init; }

    public required ImmutableArray<int> TablePorts { get; init; }

    public required ImmutableArray<Section> Clusters { get; init; }

    /// <summary>What the clusters need to be handed over.</summary>
    public ImmutableArray<CredentialRef> Credentials { get; init; } = [];

    public required ImmutableArray<Section> Routes { get; init; }

    /// <summary>Names of the sections that hold something of a rule.</summary>
    public required FrozenDictionary<RuleKey, ImmutableArray<string>> Contributions { get; init; }

    /// <summary>What rules say of connections that are no HTTP, by service and port; a pair that is missing has no rule.</summary>
    public FrozenDictionary<(string Host, int Port), OpaqueRoutes> Opaque { get; init; } = FrozenDictionary<(string Host, int Port), OpaqueRoutes>.Empty;

    /// <summary>Where the Sidecar sends unknown destinations; null: nowhere else.</summary>
    public WeightedCluster? EgressProxy { get; init; }

    /// <summary>Addresses and names of the members of headless Services; what <see cref="Outbound"/> was made from.</summary>
    public ValueArray<string> HeadlessMembers { get; init; } = [];

    public required Section Outbound { get; init; }
}
