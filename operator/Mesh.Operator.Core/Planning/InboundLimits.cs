using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>
/// What DestinationRules say to the pods behind a Service themselves: as in Istio a limit on connections holds at both ends.
/// Rules for chosen clients and policies of subsets are for clients alone.
/// </summary>
/// <param name="Policies">The rules; null where none limits connections.</param>
/// <param name="Defaults">What MeshConfig adds to a limit.</param>
internal sealed record InboundLimits(PolicyBook? Policies, ClusterDefaults Defaults)
{
    public static InboundLimits Of(PolicyBook policies, ClusterDefaults defaults) => new(policies.LimitsConnections ? policies : null, defaults);

    /// <summary>The same rules by reference: what they say is the same.</summary>
    public bool SameAs(InboundLimits other) => ReferenceEquals(Policies, other.Policies) && Defaults == other.Defaults;

    /// <summary>The limits of a port, as the namespace of the Service itself sees them, and the rules they come from.</summary>
    public (ConnectionPoolSettings? Settings, ValueArray<RuleKey> Rules) Find(Service service, ServicePort port)
    {
        if (Policies?.For(Scope.Anyone(service.Key.Namespace), service) is not { TrafficPolicy: { } traffic } policy) return default;
        return TrafficPolicies.For(port.Port, traffic, null).ConnectionPool is { } settings ? (settings, [.. policy.Rules]) : default;
    }

    /// <summary>The port, limited. Applications are always spoken to as the client does, whatever the settings say of HTTP/2.</summary>
    public InboundPort Limit(InboundPort port, ConnectionPoolSettings? settings)
    {
        if (settings is null) return port;
        var pool = ConnectionPoolTranslator.Translate(settings, Defaults, port.Protocol);
        if (pool is not null) pool = pool with { UpgradeToHttp2 = false, UseClientProtocol = false };
        return port with
        {
            Pool = pool == new ConnectionPool() ? null : pool,
            ConnectTimeout = settings.Tcp?.ConnectTimeout?.Value is { } limit && limit > TimeSpan.Zero ? limit : null,
        };
    }
}
