using System.Collections.Frozen;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Planning.Features;
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

    /// <summary>The key by which a service's members are chosen at a port; null where none is.</summary>
    public HashKey? HashOf(Service service, int port, string subset = "")
    {
        var policy = policies(service);
        if (ReferenceEquals(policy, DestinationPolicy.None)) return null;
        return LoadBalancerTranslator.HashOf(TrafficPolicies.For(port, policy.TrafficPolicy, policy.Find(subset)?.TrafficPolicy).LoadBalancer)?.Key;
    }

    /// <summary>The key that every destination with a share is chosen by; null where they differ, or one has none.</summary>
    public HashKey? SharedHash(IReadOnlyList<HttpRouteDestination> routes, string ruleNamespace, int listenerPort)
    {
        var keys = routes.Where(route => routes.Count == 1 || route.Weight is > 0)
            .Select(route => HashOf(route.Destination, ruleNamespace, listenerPort)).Distinct().Take(2).ToList();
        return keys is [{ } only] ? only : null;
    }

    private HashKey? HashOf(Destination? destination, string ruleNamespace, int listenerPort) =>
        visible.GetValueOrDefault(HostNames.Resolve(destination?.Host ?? "", ruleNamespace)) is { } service
            ? HashOf(service, PortOf(destination, service, listenerPort), destination?.Subset ?? "")
            : null;

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
