using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;
using RetryBudget = Mesh.Config.RetryBudget;

namespace Mesh.Operator.Core.Planning;

/// <summary>A Service and the policy for it -> its clusters: each port, whole and by subset.</summary>
internal static class ClusterTranslator
{
    public static ClusterSet Translate(Service service, DestinationPolicy policy, HealthPolicy health, ClusterDefaults defaults) => new()
    {
        Host = service.Host,
        Clusters =
        [
            .. service.Ports.OrderBy(port => port.Port).SelectMany(port => policy.Subsets
                .OrderBy(subset => subset.Name, StringComparer.Ordinal)
                .Select(subset => Cluster(service, port, policy, subset, health, defaults))
                .Prepend(Cluster(service, port, policy, null, health, defaults))),
        ],
    };

    private static Cluster Cluster(Service service, ServicePort port, DestinationPolicy policy, Subset? subset, HealthPolicy health, ClusterDefaults defaults)
    {
        var effective = TrafficPolicies.For(port.Port, policy.TrafficPolicy, subset?.TrafficPolicy);
        var balancer = effective.LoadBalancer;
        var discovery = DiscoveryOf(service, balancer);
        var outliers = OutlierTranslator.Translate(effective.OutlierDetection);
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
            DnsName = DnsNameOf(service, port, discovery),
            Labels = subset is null ? ImmutableSortedDictionary<string, string>.Empty : LabelSet.Of(subset.Labels).Values,
            LoadBalancing = LoadBalancerTranslator.AlgorithmOf(balancer),
            ConsistentHash = LoadBalancerTranslator.HashOf(balancer),
            Warmup = LoadBalancerTranslator.WarmupOf(balancer),
            Locality = LocalityTranslator.Translate(balancer?.LocalityLbSetting, defaults.Locality?.Value, outliers is not null),
            Pool = ConnectionPoolTranslator.Translate(effective.ConnectionPool, defaults, port.Protocol),
            Outliers = outliers,
            // Who is addressed by the client itself is not chosen, so nobody need know whether he is well.
            HealthCheck = discovery is Discovery.OriginalDestination or Discovery.DynamicDns ? null : health.For(service, subset)?.Check,
            ConnectTimeout = Positive(effective.ConnectionPool?.Tcp?.ConnectTimeout) ?? defaults.ConnectTimeout,
            MutualTls = TlsTranslator.MutualTls(effective.Tls, defaults.AutoMutualTls),
            Tls = Origination(effective.Tls, policy, service),
            Tunnel = OpeningTranslator.Tunnel(effective.Tunnel),
            ProxyProtocol = OpeningTranslator.ProxyProtocol(effective.ProxyProtocol),
            RetryBudget = Budget(effective.RetryBudget),
        };
    }

    private static TlsOrigination? Origination(ClientTlsSettings? tls, DestinationPolicy policy, Service service)
    {
        var origination = TlsTranslator.Origination(tls, policy.Credentials);
        return origination is { SubjectAltNames.IsEmpty: true } && service.SubjectAltNames.Count > 0 ? origination with { SubjectAltNames = service.SubjectAltNames.Items } : origination;
    }

    // Without any member of its own a ServiceEntry's host is the name to ask for.
    private static string DnsNameOf(Service service, ServicePort port, Discovery discovery) => discovery switch
    {
        Discovery.Dns or Discovery.DnsRoundRobin when service.Kind == ServiceKind.ExternalName => service.ExternalName,
        Discovery.Dns or Discovery.DnsRoundRobin when EntryMembers.IsItsOwnMember(service) && port.TargetPort == port.Port => service.Host,
        _ => "",
    };

    // A headless Service promises the member that the client itself chose from DNS; PASSTHROUGH asks for the same.
    private static Discovery DiscoveryOf(Service service, LoadBalancerSettings? balancer) => service.Kind switch
    {
        ServiceKind.ExternalName when service.ExternalName.Length > 0 => Discovery.Dns,
        ServiceKind.Headless or ServiceKind.Unresolved => Discovery.OriginalDestination,
        ServiceKind.Dns => Discovery.Dns,
        ServiceKind.DnsRoundRobin => Discovery.DnsRoundRobin,
        ServiceKind.DynamicDns => Discovery.DynamicDns,
        _ => balancer?.Simple == "PASSTHROUGH" ? Discovery.OriginalDestination : Discovery.Endpoints,
    };

    private static TimeSpan? Positive(Api.Duration? duration) => duration?.Value is { } value && value > TimeSpan.Zero ? value : null;

    private static RetryBudget Budget(Api.Networking.RetryBudget? budget) => new()
    {
        Percent = budget?.Percent ?? new RetryBudget().Percent,
        MinConcurrency = budget?.MinRetryConcurrency ?? new RetryBudget().MinConcurrency,
        Interval = Positive(budget?.BudgetInterval) ?? TimeSpan.Zero,
    };
}
