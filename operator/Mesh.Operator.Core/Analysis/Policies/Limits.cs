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
        var proxies = mesh.Snapshot.Workloads.Values.Count(workload => workload.IsInMesh);
        foreach (var policy in mesh.Parts.Policies.Entries.Where(entry => entry.IsValid))
        {
            var resource = policy.Rule.Key.ToString();
            foreach (var (path, limit) in Pools(policy.Rule.Spec))
                if (proxies > 1)
                    yield return Found.Note(FindingCodes.LimitPerProxy, resource, path, limit, $"Each of the {proxies} proxies of the mesh counts for itself: together they may have up to {(long)limit * proxies}.", "Divide what the service bears by the number of its client pods.");
            if (policy.Rule.Spec.TrafficPolicy?.OutlierDetection is null || mesh.Parts.Directory.Find(policy.Host) is not { } service) continue;
            var members = mesh.Parts.Endpoints[service].Groups.Select(group => group.Endpoints.Length).DefaultIfEmpty(0).Max();
            if (members == 1)
                yield return Found.Note(FindingCodes.PoolOfOne, resource, "spec.trafficPolicy.outlierDetection", null, $"{service.Host} has one endpoint, and the last one is never ejected: this has no effect until there are more.", "Run a second replica.");
        }
    }

    private static IEnumerable<(string Path, int Limit)> Pools(DestinationRuleSpec spec) =>
        Of("spec.trafficPolicy.connectionPool", spec.TrafficPolicy?.ConnectionPool)
            .Concat((spec.TrafficPolicy?.PortLevelSettings ?? []).SelectMany((port, i) => Of($"spec.trafficPolicy.portLevelSettings[{i}].connectionPool", port.ConnectionPool)))
            .Concat(spec.Subsets.SelectMany((subset, i) => Of($"spec.subsets[{i}].trafficPolicy.connectionPool", subset.TrafficPolicy?.ConnectionPool)));

    private static IEnumerable<(string Path, int Limit)> Of(string path, ConnectionPoolSettings? pool)
    {
        if (pool?.Tcp?.MaxConnections is { } connections and > 0 and < int.MaxValue) yield return ($"{path}.tcp.maxConnections", connections);
        if (pool?.Http?.Http1MaxPendingRequests is { } pending and > 0 and < int.MaxValue) yield return ($"{path}.http.http1MaxPendingRequests", pending);
        if (pool?.Http?.Http2MaxRequests is { } requests and > 0 and < int.MaxValue) yield return ($"{path}.http.http2MaxRequests", requests);
    }
}
