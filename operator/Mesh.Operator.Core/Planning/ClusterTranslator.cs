using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;
using RetryBudget = Mesh.Config.RetryBudget;

namespace Mesh.Operator.Core.Planning;

/// <summary>A Service and the policy for it -> its clusters: each port, whole and by subset.</summary>
internal static class ClusterTranslator
{
    public static ClusterSet Translate(Service service, DestinationPolicy policy, bool autoMutualTls) => new()
    {
        Host = service.Host,
        Clusters =
        [
            .. service.Ports.OrderBy(port => port.Port).SelectMany(port => policy.Subsets
                .OrderBy(subset => subset.Name, StringComparer.Ordinal)
                .Select(subset => Cluster(service, port, policy, subset, autoMutualTls))
                .Prepend(Cluster(service, port, policy, null, autoMutualTls))),
        ],
    };

    private static Cluster Cluster(Service service, ServicePort port, DestinationPolicy policy, Subset? subset, bool autoMutualTls)
    {
        var effective = TrafficPolicies.For(port.Port, policy.TrafficPolicy, subset?.TrafficPolicy);
        var discovery = DiscoveryOf(service, effective.LoadBalancer);
        return new Cluster
        {
            Name = ClusterNames.Outbound(port.Port, subset?.Name ?? "", service.Host),
            Host = service.Host,
            Port = port.Port,
            Subset = subset?.Name ?? "",
            ServiceName = service.Key.Name,
            ServiceNamespace = service.Key.Namespace,
            Protocol = port.Protocol,
            Discovery = discovery,
            DnsName = discovery == Discovery.Dns ? service.ExternalName : "",
            Labels = subset is null ? ImmutableSortedDictionary<string, string>.Empty : LabelSet.Of(subset.Labels).Values,
            LoadBalancing = Algorithm(effective.LoadBalancer),
            ConnectTimeout = Positive(effective.ConnectionPool?.Tcp?.ConnectTimeout) ?? TimeSpan.FromSeconds(10),
            MutualTls = MutualTls(effective.Tls, autoMutualTls),
            RetryBudget = Budget(effective.RetryBudget),
        };
    }

    /// <summary>How a policy has clients speak; settings without a mode mean none, as in Istio. TLS of the application's own is left to come.</summary>
    public static ClientMutualTls MutualTls(ClientTlsSettings? tls, bool autoMutualTls) => tls switch
    {
        { Mode: null or "" or "DISABLE" } => ClientMutualTls.Never,
        { Mode: "ISTIO_MUTUAL" } => ClientMutualTls.Always,
        _ => autoMutualTls ? ClientMutualTls.Auto : ClientMutualTls.Never,
    };

    // A headless Service promises the member that the client itself chose from DNS; PASSTHROUGH asks for the same.
    private static Discovery DiscoveryOf(Service service, LoadBalancerSettings? balancer) => service.Kind switch
    {
        ServiceKind.ExternalName when service.ExternalName.Length > 0 => Discovery.Dns,
        ServiceKind.Headless or ServiceKind.Unresolved => Discovery.OriginalDestination,
        ServiceKind.Dns => Discovery.Dns,
        ServiceKind.DnsRoundRobin => Discovery.DnsRoundRobin,
        _ => balancer?.Simple == "PASSTHROUGH" ? Discovery.OriginalDestination : Discovery.Endpoints,
    };

    private static LoadBalancing Algorithm(LoadBalancerSettings? balancer) => balancer?.Simple switch
    {
        "ROUND_ROBIN" => LoadBalancing.RoundRobin,
        "RANDOM" => LoadBalancing.Random,
        _ => LoadBalancing.LeastRequest,
    };

    private static TimeSpan? Positive(Api.Duration? duration) => duration?.Value is { } value && value > TimeSpan.Zero ? value : null;

    private static RetryBudget Budget(Api.Networking.RetryBudget? budget) => new()
    {
        Percent = budget?.Percent ?? new RetryBudget().Percent,
        MinConcurrency = budget?.MinRetryConcurrency ?? new RetryBudget().MinConcurrency,
    };
}
