using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Balancing;

/// <summary>Sorts the members of a cluster by where they are, seen from where the proxy is.</summary>
internal static class LocalityGroups
{
    /// <summary>Groups with a weight each, where shares by locality are told for the own one; else default.</summary>
    public static ImmutableArray<(ImmutableArray<CompiledEndpoint> Members, double Weight)> Of(CompiledCluster cluster, ImmutableArray<CompiledEndpoint> members)
    {
        if (cluster.Config.Locality is not { Distribute.IsEmpty: false } policy || cluster.Self is not { } self) return default;
        var own = policy.Distribute.FirstOrDefault(shares => Covers(shares.From, self.Region, self.Zone, self.SubZone));
        if (own is null) return default;
        // A member belongs to the closest description of it.
        var targets = own.To.OrderByDescending(to => to.Key.Split('/').Count(part => part != "*")).ToArray();
        var groups = targets.ToDictionary(to => to.Key, _ => ImmutableArray.CreateBuilder<CompiledEndpoint>(), StringComparer.Ordinal);
        foreach (var member in members)
        {
            var target = targets.FirstOrDefault(to => Covers(to.Key, member.Config.Region, member.Config.Zone, member.Config.SubZone)).Key;
            if (target is not null) groups[target].Add(member);
        }

        return [.. targets.Where(to => to.Value > 0).Select(to => (groups[to.Key].ToImmutable(), (double)to.Value))];
    }

    /// <summary>
    /// Those who are well in the nearest place that was not tried; empty where there is none. A place is a group of those below,
    /// or, where no place is preferred, where somebody is.
    /// </summary>
    public static ImmutableArray<CompiledEndpoint> Elsewhere(CompiledCluster cluster, TriedEndpoints tried)
    {
        var members = cluster.Pool.Members;
        var groups = ByDistance(cluster, members);
        if (groups.Count == 1)
        {
            var places = members.Where(tried.Contains).Select(PlaceOf).ToHashSet();
            groups = [[.. members.Where(member => !places.Contains(PlaceOf(member)))]];
        }

        return groups.Where(group => !group.Any(tried.Contains)).Select(group => group.Where(member => !member.State.Health.IsOut).ToImmutableArray())
            .FirstOrDefault(group => !group.IsEmpty, []);
    }

    private static (string Region, string Zone, string SubZone) PlaceOf(CompiledEndpoint member) => (member.Config.Region, member.Config.Zone, member.Config.SubZone);

    /// <summary>Groups from near to far; all in one where no place is preferred.</summary>
    public static IReadOnlyList<ImmutableArray<CompiledEndpoint>> ByDistance(CompiledCluster cluster, ImmutableArray<CompiledEndpoint> members)
    {
        if (cluster.Config.Locality is not { Prefer: true } policy || cluster.Self is not { } self) return [members];
        if (policy.FailoverPriority.IsEmpty && self.Region.Length == 0) return [members]; // nowhere: nobody is nearer
        // Labels come first; among those alike in them the place decides, if they were told to replace each other by region.
        Func<CompiledEndpoint, (int Labels, int Place)> distance = policy.FailoverPriority.IsEmpty
            ? member => (0, DistanceOf(member.Config, self, policy))
            : member => (policy.FailoverPriority.Length - policy.FailoverPriority.TakeWhile(label => Shares(label, member.Config, self)).Count(), policy.Failover.IsEmpty ? 0 : DistanceOf(member.Config, self, policy));
        return [.. members.GroupBy(distance).OrderBy(group => group.Key).Select(group => group.ToImmutableArray())];
    }

    private static int DistanceOf(Mesh.Config.Endpoint member, WorkloadConfig self, LocalityPolicy policy)
    {
        if (member.Region == self.Region)
        {
            if (member.Zone != self.Zone) return 2;
            return member.SubZone == self.SubZone ? 0 : 1;
        }

        return policy.Failover.Any(failover => failover.From == self.Region && failover.To == member.Region) ? 3 : 4;
    }

    private static bool Shares(string label, Mesh.Config.Endpoint member, WorkloadConfig self)
    {
        var equals = label.IndexOf('=');
        var key = equals < 0 ? label : label[..equals];
        var wanted = equals < 0 ? LabelOf(key, self.Labels, self.Region, self.Zone, self.SubZone, self.Node) : label[(equals + 1)..];
        return wanted == LabelOf(key, member.Labels, member.Region, member.Zone, member.SubZone, "");
    }

    // Where somebody is stands in labels of the node, which Istio counts among the pod's here.
    private static string? LabelOf(string key, ImmutableSortedDictionary<string, string> labels, string region, string zone, string subZone, string node)
    {
        if (labels.TryGetValue(key, out var value)) return value;
        return key switch
        {
            "topology.kubernetes.io/region" => region,
            "topology.kubernetes.io/zone" => zone,
            "topology.istio.io/subzone" => subZone,
            "kubernetes.io/hostname" => node,
            _ => null,
        };
    }

    // region, region/zone, region/zone/subzone; a last * stands for all below.
    private static bool Covers(string pattern, string region, string zone, string subZone)
    {
        Span<string> parts = [region, zone, subZone];
        var wanted = pattern.Split('/');
        for (var i = 0; i < wanted.Length && i < parts.Length; i++)
        {
            if (wanted[i] == "*") return true;
            if (wanted[i] != parts[i]) return false;
        }

        return true;
    }
}
