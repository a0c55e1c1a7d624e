using System.Collections.Immutable;

namespace Mesh.Config;

/// <summary>
/// Whether a config that was read makes sense as a whole. Every problem is told at once, as section and path in it. A config
/// with problems is refused whole: the sidecar keeps the last good one.
/// </summary>
public static class ProxyConfigValidator
{
    /// <summary>What is wrong; empty when nothing is.</summary>
    /// <param name="config">The config.</param>
    /// <param name="previous">A config found valid before: parts that both share are not looked at again.</param>
    public static ImmutableArray<ConfigProblem> Validate(ProxyConfig config, ProxyConfig? previous = null)
    {
        var problems = new ProblemList();
        var names = ConfigNames.Of(config, problems);
        MeshRules.Check(config.Mesh, problems);
        ListenerRules.Check(config.Inbound, problems);
        ListenerRules.Check(config.Outbound, names, problems);

        var known = previous is null ? [] : new HashSet<object>(
            previous.Routes.AsEnumerable<object>().Concat(previous.Clusters).Concat(previous.Endpoints),
            ReferenceEqualityComparer.Instance);
        foreach (var table in config.Routes) RouteRules.Check(table, names, problems, skipContent: known.Contains(table));
        foreach (var cluster in config.Clusters.Where(cluster => !known.Contains(cluster))) ClusterRules.Check(cluster, problems);
        var resolved = config.Clusters.Where(cluster => cluster.Discovery is Discovery.Dns or Discovery.DnsRoundRobin or Discovery.DynamicDns).Select(cluster => cluster.Host).ToHashSet(StringComparer.Ordinal);
        foreach (var group in config.Endpoints.Where(group => !known.Contains(group))) ClusterRules.Check(group, resolved.Contains(group.Host), problems);
        return problems.All;
    }

    /// <summary>
    /// The same for one route table by itself; whether its destinations exist is left out. A writer asks this of each rule of
    /// a user, so that a rule that cannot be told never has a whole config refused.
    /// </summary>
    public static ImmutableArray<ConfigProblem> Validate(RouteTable table)
    {
        var problems = new ProblemList();
        RouteRules.CheckContent(table, problems);
        return problems.All;
    }

    /// <summary>The same for one cluster by itself.</summary>
    public static ImmutableArray<ConfigProblem> Validate(Cluster cluster)
    {
        var problems = new ProblemList();
        ClusterRules.Check(cluster, problems);
        return problems.All;
    }
}
