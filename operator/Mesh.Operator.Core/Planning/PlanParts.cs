using System.Collections.Frozen;
using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Operator.Core.Planning.Continuity;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The parts of a plan that the next one takes over where their inputs are the same.</summary>
internal sealed record PlanParts
{
    public required MeshSnapshot Snapshot { get; init; }

    public required EntryBook Entries { get; init; }

    public required ServiceDirectory Directory { get; init; }

    public required RuleBook Rules { get; init; }

    public required PolicyBook Policies { get; init; }

    public required SidecarBook Sidecars { get; init; }

    public required ProxyConfigBook ProxyConfigs { get; init; }

    /// <summary>What proxies are told, which for a moment may be other than <see cref="Rules"/> and <see cref="Policies"/> say.</summary>
    public required RulesInForce InForce { get; init; }

    public required RuleBook RulesInForce { get; init; }

    public required PolicyBook PoliciesInForce { get; init; }

    public required HealthBook HealthChecks { get; init; }

    public required PeerBook Peers { get; init; }

    public required ImmutableSortedSet<string> LabelKeys { get; init; }

    /// <summary>Labels by which proxies compare themselves with members.</summary>
    public required ImmutableSortedSet<string> ComparedLabels { get; init; }

    public required EndpointBook Endpoints { get; init; }

    public required ClusterBook Clusters { get; init; }

    public required FrozenDictionary<string, ScopePlan> Scopes { get; init; }

    public required Section Mesh { get; init; }

    /// <summary>Sections as older sidecars read them.</summary>
    public required FormatBook Formats { get; init; }

    /// <summary>Every section that pods share.</summary>
    public IEnumerable<Section> Sections =>
        Scopes.Values.SelectMany(scope => scope.Clusters.Concat(scope.Routes).Append(scope.Outbound)).Concat(Endpoints.Sections).Append(Mesh);
}
