using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning.Continuity;

/// <summary>The rules that proxies are told, which for a moment may be others than those that are written.</summary>
internal sealed record RulesInForce
{
    public required ImmutableSortedDictionary<ObjectKey, Rule<VirtualServiceSpec>> VirtualServices { get; init; }

    public required ImmutableSortedDictionary<ObjectKey, Rule<DestinationRuleSpec>> DestinationRules { get; init; }

    /// <summary>Where they differ from what is written, and until when.</summary>
    public ImmutableArray<Hold> Holds { get; init; } = [];

    /// <summary>When the first of them is over; null without any.</summary>
    public DateTimeOffset? Until => Holds.IsEmpty ? null : Holds.Min(hold => hold.Until);

    /// <summary>As written.</summary>
    public static RulesInForce Of(MeshSnapshot snapshot) => new() { VirtualServices = snapshot.VirtualServices, DestinationRules = snapshot.DestinationRules };
}
