namespace Mesh.Config;

/// <summary>What other parts may refer to, by name.</summary>
internal sealed class ConfigNames
{
    private readonly HashSet<string> clusters = new(StringComparer.Ordinal) { ClusterNames.Passthrough, ClusterNames.BlackHole };
    private readonly HashSet<string> tables = new(StringComparer.Ordinal);

    public static ConfigNames Of(ProxyConfig config, ProblemList problems)
    {
        var names = new ConfigNames();
        foreach (var table in config.Routes)
        {
            if (!names.tables.Add(table.Name)) problems.Add(SectionNames.Routes + table.Name, "", $"a second route table '{table.Name}'");
        }

        foreach (var cluster in config.Clusters)
        {
            if (!names.clusters.Add(cluster.Name)) problems.Add(SectionNames.Clusters + cluster.Host, "", $"a second cluster '{cluster.Name}'");
        }

        var groups = new HashSet<(string, int)>();
        foreach (var group in config.Endpoints)
        {
            if (!groups.Add((group.Host, group.Port))) problems.Add(SectionNames.Endpoints + group.Host, "", $"a second group for port {group.Port}");
        }

        return names;
    }

    public bool HasTable(string name) => tables.Contains(name);

    public bool HasCluster(string name) => clusters.Contains(name);

    /// <summary>Destinations that can be drawn from.</summary>
    public void CheckDestinations(ConfigPath at, string member, IReadOnlyList<WeightedCluster> destinations, ProblemList problems)
    {
        var sum = 0L;
        for (var i = 0; i < destinations.Count; i++)
        {
            var here = at.Down(member, i);
            var destination = destinations[i];
            sum += destination.Weight;
            if (destination.Weight < 0) problems.Add(here, "weight", $"{destination.Weight} is below zero");
            if (destination.Broken is { } broken) RouteRules.CheckBroken(here.Down("broken"), broken, problems);
            else if (!HasCluster(destination.Cluster)) problems.Add(here, "cluster", $"there is no cluster '{destination.Cluster}'");
        }

        if (destinations.Count > 1 && sum == 0) problems.Add(at, member, "all weights are zero");
    }
}
