using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Api.Validation;

namespace Mesh.Operator.Core.Analysis.Policies;

/// <summary>Settings for HTTP on services that are declared to speak none (MESH0010).</summary>
internal sealed class HttpOnOpaquePorts : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        foreach (var policy in mesh.Parts.Policies.Entries.Where(entry => entry.IsValid && !HostPattern.IsWildcard(entry.Host)))
        {
            if (mesh.Parts.Directory.Find(policy.Host) is not { } service || service.Ports.Count == 0 || service.Ports.Items.Any(port => port.SpeaksHttp)) continue;
            foreach (var (path, what) in Http(policy.Rule.Spec.TrafficPolicy))
                yield return Found.Warning(FindingCodes.NoEffect, policy.Rule.Key.ToString(), path, what,
                    $"No port of {service.Host} speaks HTTP ({string.Join(", ", service.Ports.Items.Select(port => $"{port.Port} {port.Name}".TrimEnd()))}), so this has no effect.",
                    "If one does, begin its name in the Service with http-, http2- or grpc-, or set appProtocol.");
        }
    }

    private static IEnumerable<(string Path, string? What)> Http(TrafficPolicy? policy)
    {
        if (policy?.ConnectionPool?.Http is not null) yield return ("spec.trafficPolicy.connectionPool.http", null);
        if (policy?.RetryBudget is not null) yield return ("spec.trafficPolicy.retryBudget", null);
        if (policy?.LoadBalancer?.ConsistentHash is { UseSourceIp: not true } hash) yield return ("spec.trafficPolicy.loadBalancer.consistentHash", hash.HttpHeaderName ?? hash.HttpCookie?.Name ?? hash.HttpQueryParameterName);
    }
}
