using System.Collections.Immutable;
using System.Net;
using Mesh.Config;

namespace Mesh.Init;

/// <summary>
/// Options in, iptables rules out: this program runs once before a pod's other containers and makes the kernel hand the
/// pod's TCP connections and DNS queries to the sidecar. <see cref="RedirectRules"/> decides what the rules are and touches nothing;
/// <see cref="IptablesRestore"/> loads them; <see cref="RedirectCheck"/> proves them with a connection. It never leaves a
/// pod half captured: each family is loaded in one transaction, and any failure is a non-zero exit that keeps the pod from
/// starting.
/// </summary>
public sealed record InitOptions
{
    /// <summary>Port of the sidecar that takes captured outbound connections.</summary>
    public int OutboundPort { get; init; } = WellKnown.OutboundPort;

    /// <summary>Port of the sidecar that takes captured inbound connections.</summary>
    public int InboundPort { get; init; } = WellKnown.InboundPort;

    /// <summary>Port of the sidecar that answers captured DNS queries.</summary>
    public int DnsPort { get; init; } = WellKnown.DnsPort;

    /// <summary>Name servers whose queries (UDP and TCP port 53) are captured; none: DNS is left alone.</summary>
    public ImmutableArray<IPAddress> DnsServers { get; init; } = [];

    /// <summary>User ids of the sidecar: their connections are not captured again.</summary>
    public ImmutableArray<int> Uids { get; init; } = [WellKnown.ProxyUid];

    /// <summary>Group ids of the sidecar and its companions, treated like <see cref="Uids"/>.</summary>
    public ImmutableArray<int> Gids { get; init; } = [WellKnown.ProxyUid];

    /// <summary>Destinations that are captured; null is all of them.</summary>
    public ImmutableArray<IPNetwork>? IncludeOutboundRanges { get; init; }

    /// <summary>Destinations that are never captured; they win over the included ones.</summary>
    public ImmutableArray<IPNetwork> ExcludeOutboundRanges { get; init; } = [];

    /// <summary>Destination ports that are captured whatever the address.</summary>
    public ImmutableArray<int> IncludeOutboundPorts { get; init; } = [];

    /// <summary>Destination ports that are never captured.</summary>
    public ImmutableArray<int> ExcludeOutboundPorts { get; init; } = [];

    /// <summary>Ports of the pod that are captured; null is all of them.</summary>
    public ImmutableArray<int>? IncludeInboundPorts { get; init; }

    /// <summary>Ports of the pod that are not captured when all others are.</summary>
    public ImmutableArray<int> ExcludeInboundPorts { get; init; } = [];

    /// <summary>Interfaces whose traffic is left alone in both directions.</summary>
    public ImmutableArray<string> ExcludeInterfaces { get; init; } = [];

    /// <summary>The range that counts as "explicit localhost" in IPv4.</summary>
    public string LoopbackRange { get; init; } = "127.0.0.1/32";

    /// <summary>Whether IPv6 is captured.</summary>
    public IPv6Choice IPv6 { get; init; } = IPv6Choice.Auto;

    /// <summary>Which iptables is used.</summary>
    public BackendChoice Backend { get; init; } = BackendChoice.Auto;

    /// <summary>
    /// The sidecar's own ports: captured, a probe or the operator would be sent through the very proxy it asks about.
    /// </summary>
    public static ImmutableArray<int> ControlPorts { get; } =
        [WellKnown.ControlPort, WellKnown.StatusPort, WellKnown.ReadinessPort, WellKnown.ProxyMetricsPort];
}
