using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>Of a workload's labels only those that somebody asks for, so that a new label on a pod does not change every config.</summary>
internal static class LabelChoice
{
    public static ImmutableSortedDictionary<string, string> Of(LabelSet labels, Locality locality, string node, ImmutableSortedSet<string> keys)
    {
        var chosen = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            // Rules may name topology labels, which Istio reads from the node.
            var value = labels[key] ?? key switch
            {
                MeshLabels.TopologyRegion => locality.Region,
                MeshLabels.TopologyZone => locality.Zone,
                MeshLabels.TopologySubZone => locality.SubZone,
                MeshLabels.HostName => node,
                _ => null,
            };
            if (!string.IsNullOrEmpty(value) || labels[key] is not null) chosen[key] = value ?? "";
        }

        return chosen.ToImmutable();
    }
}
