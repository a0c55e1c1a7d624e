using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A policy's limits on connections and requests, over the mesh's.</summary>
internal static class ConnectionPoolTranslator
{
    private static readonly ConnectionPool Unlimited = new();

    /// <summary>Null where nothing is limited.</summary>
    public static ConnectionPool? Translate(ConnectionPoolSettings? settings, ClusterDefaults defaults, AppProtocol protocol)
    {
        var (tcp, http) = (settings?.Tcp, settings?.Http);
        var pool = new ConnectionPool
        {
            MaxConnections = Given(tcp?.MaxConnections),
            MaxPendingRequests = Given(http?.Http1MaxPendingRequests),
            MaxRequests = Given(http?.Http2MaxRequests),
            MaxRequestsPerConnection = Given(http?.MaxRequestsPerConnection),
            MaxRetries = Given(http?.MaxRetries),
            // What is said of TCP holds for HTTP too, where that says nothing of its own.
            IdleTimeout = http?.IdleTimeout?.Value ?? tcp?.IdleTimeout?.Value,
            TcpIdleTimeout = tcp?.IdleTimeout?.Value,
            MaxConnectionDuration = Positive(tcp?.MaxConnectionDuration),
            KeepAlive = KeepAlive(tcp?.TcpKeepalive ?? defaults.KeepAlive),
            UpgradeToHttp2 = Upgrades(http, defaults, protocol),
            UseClientProtocol = http?.UseClientProtocol == true,
            MaxConcurrentStreams = Given(http?.MaxConcurrentStreams),
            Http2KeepAlive = Positive(http?.Http2KeepAlive?.Interval) is { } interval
                ? new Http2KeepAlive(interval, Positive(http!.Http2KeepAlive!.Timeout) ?? interval) : null,
        };
        return pool == Unlimited ? null : pool;
    }

    // Who writes UPGRADE for a destination knows what it speaks; the mesh's word is for ports declared to speak HTTP only.
    private static bool Upgrades(HttpSettings? http, ClusterDefaults defaults, AppProtocol protocol) => http switch
    {
        { UseClientProtocol: true } => false,
        { H2UpgradePolicy: "UPGRADE" } => true,
        { H2UpgradePolicy: "DO_NOT_UPGRADE" } => false,
        _ => defaults.UpgradesToHttp2 && protocol == AppProtocol.Http,
    };

    private static TcpKeepAlive? KeepAlive(TcpKeepalive? settings) => settings is null ? null : new TcpKeepAlive
    {
        Probes = Given(settings.Probes),
        Time = Positive(settings.Time),
        Interval = Positive(settings.Interval),
    };

    private static int? Given(int? number) => number is > 0 ? number : null;

    private static TimeSpan? Positive(Api.Duration? duration) => duration?.Value is { } value && value > TimeSpan.Zero ? value : null;
}
