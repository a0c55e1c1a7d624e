using System.Collections.Frozen;
using System.Net;
using Mesh.Config;
using Mesh.Sidecar.DnsProxy;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Config;

// A ProxyConfig, compiled: what the sidecar obeys. A document's bytes enter (ConfigFile), are read, validated and compiled
// (ConfigLoader), and leave as one immutable snapshot, swapped whole (ProxyState); what is refused changes nothing but the
// report. What never happens here: looking at traffic.

/// <summary>Everything a connection or request needs to know, immutable; a request uses one snapshot from start to end.</summary>
public sealed class ProxySnapshot
{
    private readonly ListenerTable listeners;
    private readonly FrozenDictionary<int, CompiledInboundPort> inboundPorts;
    private readonly FrozenDictionary<int, MutualTlsMode> mutualTls;
    private readonly FrozenDictionary<string, CompiledCluster> clusters;
    private readonly CompiledRoute undeclaredRoute;

    internal ProxySnapshot(SnapshotParts parts)
    {
        Config = parts.Config;
        Names = new NameTable(parts.Config.Outbound.Dns);
        clusters = parts.Clusters
            .Concat(parts.InboundPorts.Select(port => port.Cluster))
            .Concat([parts.Passthrough, parts.BlackHole, parts.InboundPassthrough])
            .ToFrozenDictionary(cluster => cluster.Name, StringComparer.Ordinal);
        RouteTables = parts.Routes.ToFrozenDictionary(table => table.Name, StringComparer.Ordinal);
        Passthrough = parts.Passthrough;
        BlackHole = parts.BlackHole;
        InboundPassthrough = parts.InboundPassthrough;
        undeclaredRoute = SnapshotCompiler.InboundRoute(InboundPassthrough.Name, AppProtocol.Auto, Config.Mesh.InboundRetry);
        inboundPorts = parts.InboundPorts.ToFrozenDictionary(port => port.Config.Port);
        mutualTls = parts.Config.Inbound.MutualTlsByPort.ToFrozenDictionary(port => port.Port, port => port.Mode);

        listeners = new ListenerTable(parts.Config.Outbound.Listeners.Select(told =>
            new CompiledListener(told, told.RouteTable.Length == 0 ? null : RouteTables[told.RouteTable])));
    }

    /// <summary>What it was compiled from.</summary>
    public ProxyConfig Config { get; }

    /// <summary>Names that the pod's name server answers by itself.</summary>
    public NameTable Names { get; }

    /// <summary>Settings of the whole mesh.</summary>
    public MeshSettings Mesh => Config.Mesh;

    /// <summary>Who the proxy is.</summary>
    public WorkloadConfig Workload => Config.Workload;

    /// <summary>Every cluster, those of inbound ports and the built-in ones included.</summary>
    public IReadOnlyList<CompiledCluster> Clusters => clusters.Values;

    /// <summary>Every route table, by name.</summary>
    public FrozenDictionary<string, CompiledRouteTable> RouteTables { get; }

    /// <summary>Unknown destinations that are let through: the member is the original destination.</summary>
    public CompiledCluster Passthrough { get; }

    /// <summary>Unknown destinations that are refused: never has a member.</summary>
    public CompiledCluster BlackHole { get; }

    /// <summary>Inbound ports that nobody declared.</summary>
    public CompiledCluster InboundPassthrough { get; }

    /// <summary>
    /// The listener for an outbound connection, the most specific one; <c>null</c> means that
    /// <see cref="OutboundConfig.UnknownDestinations"/> decides.
    /// </summary>
    public CompiledListener? FindOutbound(IPEndPoint destination) => listeners.Find(destination);

    /// <summary>The inbound port; one that nobody declared goes to <see cref="InboundPassthrough"/> with detection.</summary>
    public CompiledInboundPort FindInbound(int port) => inboundPorts.TryGetValue(port, out var known)
        ? known
        : new CompiledInboundPort(new InboundPort { Port = port }, InboundPassthrough, undeclaredRoute);

    /// <summary>What a port of the application takes, declared or not.</summary>
    public MutualTlsMode MutualTlsOf(int port) => mutualTls.TryGetValue(port, out var mode) ? mode : Config.Inbound.MutualTls;

    /// <summary>A cluster by name, inbound and built-in ones included; <c>null</c> is NC.</summary>
    public CompiledCluster? FindCluster(string name) => clusters.GetValueOrDefault(name);
}
