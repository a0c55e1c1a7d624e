using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>How load is spread over regions and zones.</summary>
internal static class LocalityRules
{
    private static readonly string[] TopologyLabels = [MeshLabels.TopologyRegion, MeshLabels.TopologyZone, MeshLabels.TopologySubZone];

    /// <summary>Shares and failover by locality.</summary>
    public static void Check(FindingList found, string path, LocalityLoadBalancerSetting? setting, OutlierDetection? outliers)
    {
        if (setting is null)
            return;
        if (setting.Distribute.Count > 0 && setting.Failover.Count > 0)
            found.Error(path + ".failover", null, "distribute and failover exclude each other.", "Keep one of them.");
        if (setting.Failover.Count > 0 && setting.FailoverPriority.FirstOrDefault(TopologyLabels.Contains) is { } label)
            found.Error(path + ".failoverPriority", label, "failover already orders regions, so topology labels cannot be in failoverPriority.", "Remove the label, or failover.");
        for (var i = 0; i < setting.Distribute.Count; i++)
            Distribution(found, $"{path}.distribute[{i}]", setting.Distribute[i]);
        Overlaps(found, path + ".distribute", [.. setting.Distribute.Select(d => d.From ?? "")], firstCounts: true);
        Failover(found, path, setting.Failover, setting.FailoverPriority, outliers);
    }

    /// <summary>Failover beside zone-aware routing.</summary>
    public static void Check(FindingList found, string path, ZoneAwareLoadBalancerSetting? setting, OutlierDetection? outliers)
    {
        if (setting is null)
            return;
        if (setting.FailoverPriority.FirstOrDefault(TopologyLabels.Contains) is { } label)
            found.Error(path + ".failoverPriority", label, "Zones are already in order, so topology labels cannot be in failoverPriority.", "Remove the label.");
        CommonRules.NotNegative(found, path + ".minClusterSize", setting.MinClusterSize);
        Failover(found, path, setting.Failover, setting.FailoverPriority, outliers);
    }

    private static void Distribution(FindingList found, string path, LocalityDistribute distribute)
    {
        foreach (var (locality, weight) in distribute.To)
        {
            if (weight is < 1 or > 100)
                found.Error($"{path}.to[{locality}]", weight, "A share is between 1 and 100.", "Write such a number, or remove the locality.");
        }

        if (distribute.To.Values.Sum(w => (long)w) is var sum and not 100)
            found.Error(path + ".to", sum, "The shares do not add up to 100.", "Change them so that they do.");
        Overlaps(found, path + ".to", [.. distribute.To.Keys], firstCounts: false);
    }

    private static void Failover(FindingList found, string path, IReadOnlyList<LocalityFailover> failover, IReadOnlyList<string> priority, OutlierDetection? outliers)
    {
        if (outliers is null && (failover.Count > 0 || priority.Count > 0))
            found.Warning(path, null, "Nothing notices that a locality fails, so failover never happens.", "Add outlierDetection beside it.");
        for (var i = 0; i < failover.Count; i++)
        {
            var at = $"{path}.failover[{i}]";
            var (from, to) = (failover[i].From ?? "", failover[i].To ?? "");
            if (from == to)
                found.Error(at, to, "A region cannot take over for itself.", "Name two different regions.");
            foreach (var region in new[] { from, to }.Where(r => r.AsSpan().IndexOfAny('/', '*') >= 0))
                found.Error(at, region, "Failover is between whole regions.", "Write a region's name without zone or wildcard.");
        }
    }

    // REGION[/ZONE[/SUBZONE]], the last part may be '*'; two that share an endpoint would make its share ambiguous. Where the
    // first that fits counts, a wildcard may stand after what it is wider than: all the rest.
    private static void Overlaps(FindingList found, string path, string[] localities, bool firstCounts)
    {
        for (var i = 0; i < localities.Length; i++)
        {
            var parts = localities[i].Split('/');
            if (parts.Any(p => p.Length == 0) || parts.Length > 3)
                found.Error(path, localities[i], "This is no locality.", "Write REGION, REGION/ZONE or REGION/ZONE/SUBZONE.");
            else if (localities[i].Contains('*', StringComparison.Ordinal) && localities[i].IndexOf('*', StringComparison.Ordinal) != localities[i].Length - 1)
                found.Error(path, localities[i], "A wildcard may only stand at the very end.", "Write e.g. us-west/*.");
            for (var j = 0; j < i; j++)
            {
                if (Overlap(localities[i], localities[j]) && !(firstCounts && IsRest(localities[i], localities[j])))
                    found.Error(path, localities[i], $"This overlaps {localities[j]}.", "Name each locality once.");
            }
        }
    }

    private static bool IsRest(string locality, string before) =>
        locality.EndsWith('*') && before.StartsWith(locality[..^1], StringComparison.Ordinal) && before.Length >= locality.Length && !before.EndsWith('*');

    private static bool Overlap(string one, string other)
    {
        var (a, b) = (one.Split('/'), other.Split('/'));
        for (var i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            // A locality that ends, or has a wildcard, stands for everything below.
            if (i >= a.Length || i >= b.Length || a[i] == "*" || b[i] == "*")
                return true;
            if (a[i] != b[i])
                return false;
        }

        return true;
    }
}
