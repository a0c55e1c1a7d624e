using System.Globalization;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Telemetry;

/// <summary>Istio's metric labels. What is not known is <c>unknown</c>, so that every series has every label.</summary>
public static class MetricLabels
{
    private const string Unknown = "unknown";

    private static readonly string[] Workloads =
    [
        "reporter",
        "source_workload", "source_canonical_service", "source_canonical_revision", "source_workload_namespace", "source_principal", "source_app", "source_version", "source_cluster",
        "destination_workload", "destination_workload_namespace", "destination_principal", "destination_app", "destination_version",
        "destination_service", "destination_canonical_service", "destination_canonical_revision", "destination_service_name", "destination_service_namespace", "destination_cluster",
        "request_protocol", "response_flags", "connection_security_policy",
    ];

    /// <summary>Of the request metrics.</summary>
    public static string[] Request { get; } = [.. Workloads, "response_code", "grpc_response_status"];

    /// <summary>Of the TCP metrics.</summary>
    public static string[] Tcp { get; } = Workloads;

    /// <summary>The labels of one request series, in the order of <see cref="Request"/>.</summary>
    public static string[] OfRequest(ProxyConfig self, RequestKey key) =>
    [
        .. Common(self, key.Direction, key.Cluster, key.Endpoint, key.IsGrpc ? "grpc" : "http", key.Flags, key.Peer),
        key.Status.ToString(CultureInfo.InvariantCulture),
        key.GrpcStatus?.ToString(CultureInfo.InvariantCulture) ?? "",
    ];

    /// <summary>The labels of one TCP series, in the order of <see cref="Tcp"/>.</summary>
    public static string[] OfTcp(
        ProxyConfig self, Direction direction, CompiledCluster? cluster, CompiledEndpoint? endpoint, ResponseFlag flags, string? peer) =>
        Common(self, direction, cluster, endpoint, "tcp", flags, peer);

    private static string[] Common(
        ProxyConfig proxy, Direction direction, CompiledCluster? cluster, CompiledEndpoint? endpoint, string protocol, ResponseFlag flags, string? peerUri)
    {
        var self = proxy.Workload;
        var outbound = direction == Direction.Outbound;
        // As Istio: the server knows whether a connection is secured; of the client's report only the principals tell.
        var isMutual = outbound ? endpoint is not null && cluster?.TlsOf(endpoint) is not null : peerUri is not null;
        var mine = isMutual ? Principal(proxy, self.Namespace, self.ServiceAccount) : Unknown;
        var theirs = !isMutual ? Unknown : peerUri ?? Principal(proxy, endpoint!.Config.Namespace, endpoint.Config.ServiceAccount);
        var (sourcePrincipal, destinationPrincipal) = outbound ? (mine, theirs) : (theirs, mine);
        var me = new Side(self.Workload, self.CanonicalService, self.CanonicalRevision, self.Namespace, self.App, self.Version);
        var peer = outbound && endpoint is not null ? Of(endpoint.Config) : Side.Nobody;
        var (source, destination) = outbound ? (me, peer) : (peer, me);
        var config = cluster?.Config;
        var builtIn = config is null || config.ServiceName.Length == 0;
        return
        [
            outbound ? "source" : "destination",
            source.Workload, source.Service, source.Revision, source.Namespace, sourcePrincipal, source.App, source.Version, Unknown,
            destination.Workload, destination.Namespace, destinationPrincipal, destination.App, destination.Version,
            config is { Host.Length: > 0 } ? config.Host : Unknown,
            destination.Service, destination.Revision,
            builtIn ? config?.Name ?? Unknown : config!.ServiceName,
            config is { ServiceNamespace.Length: > 0 } ? config.ServiceNamespace : Unknown,
            Unknown,
            protocol, ResponseFlags.Text(flags), outbound ? Unknown : isMutual ? "mutual_tls" : "none",
        ];
    }

    private static Side Of(Mesh.Config.Endpoint endpoint) => new(
        Known(endpoint.Workload),
        Label(endpoint, "app", endpoint.Workload),
        Label(endpoint, "version", "latest"),
        Known(endpoint.Namespace),
        Label(endpoint, "app", Unknown),
        Label(endpoint, "version", Unknown));

    private static string Principal(ProxyConfig proxy, string @namespace, string account) =>
        account.Length == 0 ? Unknown : new SpiffeId(proxy.Mesh.TrustDomain, @namespace, account).ToString();

    private static string Known(string text) => text.Length == 0 ? Unknown : text;

    private static string Label(Mesh.Config.Endpoint endpoint, string key, string fallback) =>
        endpoint.Labels.TryGetValue(key, out var value) ? value : Known(fallback);

    private sealed record Side(string Workload, string Service, string Revision, string Namespace, string App, string Version)
    {
        public static readonly Side Nobody = new(Unknown, Unknown, Unknown, Unknown, Unknown, Unknown);
    }
}
