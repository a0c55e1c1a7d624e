using System.Collections.Frozen;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A destination as a rule writes it -> the cluster it means for one scope, or why there is none.</summary>
internal sealed class DestinationResolver(FrozenDictionary<string, Service> visible, Func<Service, DestinationPolicy> policies)
{
    public WeightedCluster Resolve(Destination? destination, int weight, string ruleNamespace, int listenerPort)
    {
        var host = HostNames.Resolve(destination?.Host ?? "", ruleNamespace);
        var subset = destination?.Subset ?? "";
        var service = visible.GetValueOrDefault(host);
        var port = PortOf(destination, service, listenerPort);
        var name = ClusterNames.Outbound(port, subset, host);
        var problem = Problem(service, host, port, subset);
        return new WeightedCluster
        {
            Cluster = name,
            Weight = weight,
            Broken = problem is null ? null : new BrokenRoute { Status = 503, Message = $"cluster not found: {name}: {problem}" },
        };
    }

    /// <summary>The port written, else the only one of the service, else the one the client addressed.</summary>
    public static int PortOf(Destination? destination, Service? service, int listenerPort) =>
        destination?.Port?.Number is { } number and > 0 ? number
        : service is { Ports.Count: 1 } ? service.Ports[0].Port
        : listenerPort;

    private string? Problem(Service? service, string host, int port, string subset)
    {
        if (service is null) return $"no service {host} is visible here";
        if (!service.Ports.Any(candidate => candidate.Port == port)) return $"service {host} has no TCP port {port}";
        if (subset.Length > 0 && policies(service).Find(subset) is null) return $"no DestinationRule that applies defines subset {subset} of {host}";
        return null;
    }
}
