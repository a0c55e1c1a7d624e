using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Which objects of Envoy are meant.</summary>
[AtMostOneOf(nameof(Listener), nameof(RouteConfiguration), nameof(Cluster), nameof(Waypoint))]
[CelRule("(has(self.context) && self.context == 'WAYPOINT') == has(self.waypoint)", "only support waypointMatch when context is WAYPOINT")]
public sealed record EnvoyMatch
{
    /// <summary>Where: <c>ANY</c> (default), <c>SIDECAR_INBOUND</c>, <c>SIDECAR_OUTBOUND</c>, <c>GATEWAY</c>, <c>WAYPOINT</c>.</summary>
    [AllowedValues("ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND", "GATEWAY", "WAYPOINT")]
    public string? Context { get; init; }

    /// <summary>Which proxies.</summary>
    public EnvoyProxyMatch? Proxy { get; init; }

    /// <summary>Which listeners.</summary>
    public EnvoyListenerMatch? Listener { get; init; }

    /// <summary>Which routes.</summary>
    public EnvoyRouteConfigurationMatch? RouteConfiguration { get; init; }

    /// <summary>Which clusters.</summary>
    public EnvoyClusterMatch? Cluster { get; init; }

    /// <summary>Which filters of a waypoint.</summary>
    public EnvoyWaypointMatch? Waypoint { get; init; }
}
