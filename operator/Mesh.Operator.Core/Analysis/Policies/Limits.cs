using Mesh.Api;
using Mesh.Api.Networking;

namespace Mesh.Operator.Core.Analysis.Policies;

/// <summary>
/// Limits that say less or more than they seem to: each proxy counts for itself (MESH0029), and of a pool of one nobody is
/// ever ejected (MESH0033).
/// </summary>
internal sealed class Limits : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        foreach (var policy in mesh.Parts.Policies.Entries.Where(entry => entry.IsValid))
        {
            var resource = policy.Rule.Key.ToString();
            foreach (var (path, limits) in Pools(policy.Rule.Spec).Select(pool => (pool.Path, Limits: Named(pool.Pool))).Where(pool => pool.Limits.Length > 0))
                yield return Found.Note(FindingCodes.LimitPerProxy, resource, path, limits, "Each proxy counts for itself: n client pods together may have n times as many.", "Divide what the service bears by the number of its client pods.");
            if (policy.Rule.Spec.TrafficPolicy?.OutlierDetection is null || mesh.Parts.Directory.Find(policy.Host) is not { } service) continue;
            var members = mesh.Parts.Endpoints[service].Groups.Select(group => group.Endpoints.Length).DefaultIfEmpty(0).Max();
            if (members == 1)
                yield return Found.Note(FindingCodes.PoolOfOne, resource, "spec.trafficPolicy.outlierDetection", null, $"{service.Host} has one endpoint, and the last one is never ejected: this has no effect until there are more.", "Run a second replica.");
        }
    }

    private static IEnumerable<(string Path, ConnectionPoolSettings? Pool)> Pools(DestinationRuleSpec spec) =>
        (spec.TrafficPolicy?.PortLevelSettings ?? []).Select((port, i) => ($"spec.trafficPolicy.portLevelSettings[{i}].connectionPool", port.ConnectionPool))
            .Prepend(("spec.trafficPolicy.connectionPool", spec.TrafficPolicy?.ConnectionPool))
            .Concat(spec.Subsets.Select((subset, i) => ($"spec.subsets[{i}].trafficPolicy.connectionPool", subset.TrafficPolicy?.ConnectionPool)));

    private static string Named(ConnectionPoolSettings? pool) => string.Join(", ", new (string Name, int? Limit)[]
    {
        ("maxConnections", pool?.Tcp?.MaxConnections), ("http1MaxPendingRequests", pool?.Http?.Http1MaxPendingRequests), ("http2MaxRequests", pool?.Http?.Http2MaxRequests),
    }.Where(limit => limit.Limit is > 0 and < int.MaxValue).Select(limit => $"{limit.Name}: {limit.Limit}"));
}
