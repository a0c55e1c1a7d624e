using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Connections;

/// <summary>Carries opaque connections: chooses where to, connects, splices, writes them down.</summary>
public sealed class TcpForwarder(
    EndpointPicker picker, MutualTlsClient mutualTls, AccessLog log, ProxyMetrics metrics, DrainGate drain, Random random, TimeProvider time)
{
    // Nothing was sent yet when a connection fails, so another member may be tried; as many as a client would wait for.
    private const int MaxConnects = 3;

    /// <summary>An outbound connection; without destinations the policy for unknown ones decides.</summary>
    public ValueTask ForwardAsync(SpliceSide client, CapturedConnection captured, ProxySnapshot snapshot, WeightedChoice<WeightedCluster>? destinations)
    {
        var way = new TcpWay(captured, snapshot);
        // Who addressed the sidecar itself did not say where else to.
        var letsThrough = !captured.IsAddressed && snapshot.Config.Outbound.UnknownDestinations == UnknownDestinations.AllowAny;
        var drawn = destinations?.Draw(random) ?? (letsThrough ? snapshot.Config.Outbound.EgressProxy : null);
        if (drawn is null)
        {
            var known = letsThrough ? snapshot.Passthrough : snapshot.BlackHole;
            way.Cluster = known;
            way.ClusterName = known.Name;
        }
        else
        {
            way.ClusterName = drawn.Cluster;
            way.Cluster = drawn.Broken is null ? snapshot.FindCluster(drawn.Cluster) : null;
            if (way.Cluster is null) way.Flags |= ResponseFlag.NC;
        }

        return RunAsync(client, way, toApplication: false);
    }

    /// <summary>An inbound connection, to the application at the address it was going to.</summary>
    public ValueTask ForwardToApplicationAsync(SpliceSide client, CapturedConnection captured, ProxySnapshot snapshot, CompiledInboundPort port) =>
        RunAsync(client, new TcpWay(captured, snapshot) { Cluster = port.Cluster, ClusterName = port.Cluster.Name }, toApplication: true);

    private async ValueTask RunAsync(SpliceSide client, TcpWay way, bool toApplication)
    {
        var arrived = time.GetUtcNow();
        var started = time.GetTimestamp();
        Splice? splice = null;
        try
        {
            using var upstream = way.Cluster is null || !TryEnter(way) ? null : await ConnectAsync(way, toApplication);
            if (upstream is null)
            {
                client.Reset();
                var refused = SeriesOf(way);
                refused.Opened.Inc();
                refused.Closed.Inc();
                return;
            }

            splice = new Splice(client, upstream, LimitsOf(way.Cluster!), time);
            await CarryAsync(way, splice);
        }
        finally
        {
            client.Dispose();
            if (way.IsCounted) way.Cluster!.State.Breaker.EndConnection();
            Record(way, splice, arrived, time.GetElapsedTime(started));
        }
    }

    // The limit is on connections of this proxy to the cluster; one beyond it is refused at once.
    private static bool TryEnter(TcpWay way)
    {
        if (way.Cluster!.Config.Pool?.MaxConnections is not { } most) return true;
        way.IsCounted = way.Cluster.State.Breaker.TryBeginConnection(most);
        if (!way.IsCounted) way.Flags |= ResponseFlag.UO;
        return way.IsCounted;
    }

    private async ValueTask CarryAsync(TcpWay way, Splice splice)
    {
        SeriesOf(way).Opened.Inc();
        var state = way.Endpoint!.State;
        state.CountConnection(1);
        using var report = new TcpReport(splice, () => SeriesOf(way), time);
        try
        {
            await splice.RunAsync(drain.Expired);
        }
        finally
        {
            state.CountConnection(-1);
            state.End(failed: splice.End == SpliceEnd.UpstreamReset);
            way.Flags |= splice.End switch
            {
                SpliceEnd.ClientReset => ResponseFlag.DC,
                SpliceEnd.UpstreamReset => ResponseFlag.UC,
                _ => ResponseFlag.None,
            };
            var series = SeriesOf(way); // with the flags it ended with
            series.Closed.Inc();
            report.Count(series);
        }
    }

    private TcpSeries SeriesOf(TcpWay way) =>
        metrics.Tcp(way.Snapshot, way.Captured.Direction, way.Cluster, way.Endpoint, way.Flags, way.Captured.MutualTls);

    private static SpliceLimits LimitsOf(CompiledCluster cluster) => cluster.Config.Pool is not { } pool
        ? SpliceLimits.Default
        : new SpliceLimits(pool.TcpIdleTimeout ?? SpliceLimits.Default.Idle, pool.MaxConnectionDuration);

    private async ValueTask<SpliceSide?> ConnectAsync(TcpWay way, bool toApplication)
    {
        var cluster = way.Cluster!;
        cluster.State.MarkUsed();
        if (cluster.Hosts is { } hosts) cluster = way.Cluster = await hosts.ClusterOfAsync(cluster, way.Captured.ServerName, drain.Expired);
        var tried = new TriedEndpoints();
        for (var attempt = 1; ; attempt++)
        {
            var endpoint = picker.Pick(cluster, way.Captured.IsAddressed ? null : way.Captured.OriginalDestination, tried, HashOf(way));
            if (endpoint is null)
            {
                way.Failure = cluster.Pool.Failure;
                way.Flags |= ReferenceEquals(cluster, way.Snapshot.BlackHole) ? ResponseFlag.NR : way.Failure is null ? ResponseFlag.UH : ResponseFlag.DF;
                return null;
            }

            way.Endpoint = endpoint;
            endpoint.State.Begin();
            try
            {
                var connected = await DialAsync(way, endpoint, toApplication);
                cluster.State.Ejections.Connected(endpoint.State);
                return connected;
            }
            catch (ConnectFailedException e)
            {
                endpoint.State.CountConnectFailure();
                endpoint.State.End(failed: true);
                cluster.State.Ejections.Failed(endpoint.State, timedOut: false);
                way.Failure = e.Reason;
                if (attempt < MaxConnects && !tried.Contains(endpoint) && cluster.Pool.Members.Length > attempt)
                {
                    tried.Add(endpoint);
                    continue;
                }

                way.Flags |= attempt > 1 ? ResponseFlag.UF | ResponseFlag.URX : ResponseFlag.UF;
                return null;
            }
        }
    }

    // Opaque bytes have no key but where they come from.
    private static ulong? HashOf(TcpWay way) =>
        way.Cluster!.Config.ConsistentHash is { Key.SourceAddress: true } && way.Captured.Peer is { } peer ? KeyHash.Of(peer.Address) : null;

    private async ValueTask<SpliceSide> DialAsync(TcpWay way, CompiledEndpoint endpoint, bool toApplication)
    {
        var cluster = way.Cluster!;
        var started = time.GetTimestamp();
        var limit = cluster.Config.ConnectTimeout;
        var header = ProxyHeader.For(cluster.Config.ProxyProtocol, way.Captured.Peer, way.Captured.OriginalDestination);
        var socket = await UpstreamDial.ConnectAsync(endpoint.Address, toApplication, limit, time, drain.Expired, cluster.Config.Pool?.KeepAlive, header);
        way.UpstreamLocal = socket.LocalEndPoint as IPEndPoint;
        var side = await SecuredAsync(way, endpoint, socket, limit - time.GetElapsedTime(started));
        return cluster.Config.Tunnel is { } tunnel
            ? await TunnelRequest.OpenAsync(side, tunnel, endpoint.Address, limit - time.GetElapsedTime(started), time, drain.Expired)
            : side;
    }

    private async ValueTask<SpliceSide> SecuredAsync(TcpWay way, CompiledEndpoint endpoint, Socket socket, TimeSpan left)
    {
        var cluster = way.Cluster!;
        if (cluster.Origination is { } own)
        {
            // What the client's TLS asks for is at the tunnel's end, not at the member.
            var name = own.NameFor(cluster.Config.Tunnel is null ? way.Captured.ServerName : "");
            return new TlsSide(await own.AuthenticateAsync(new NetworkStream(socket, ownsSocket: true), endpoint.Address, name, null, left, time, drain.Expired), socket);
        }

        if (cluster.TlsOf(endpoint) is not { } tls) return new SocketSide(socket);
        return new TlsSide(await mutualTls.AuthenticateAsync(new NetworkStream(socket, ownsSocket: true), endpoint.Address, tls, MutualTlsClient.Tcp, left, drain.Expired), socket);
    }

    private void Record(TcpWay way, Splice? splice, DateTimeOffset arrived, TimeSpan elapsed) => log.Write(new AccessLogEntry
    {
        StartTime = arrived,
        Flags = way.Flags,
        UpstreamTransportFailureReason = splice is null ? way.Failure : null,
        ConnectionTerminationDetails = splice?.End switch
        {
            SpliceEnd.Idle => "tcp_session_idle_timeout",
            SpliceEnd.TooOld => "max_connection_duration_reached",
            _ => null,
        },
        BytesReceived = splice?.BytesReceived ?? 0,
        BytesSent = splice?.BytesSent ?? 0,
        DurationMilliseconds = (long)elapsed.TotalMilliseconds,
        UpstreamHost = way.Endpoint?.Address,
        UpstreamCluster = way.ClusterName,
        UpstreamLocalAddress = way.UpstreamLocal,
        DownstreamLocalAddress = way.Captured.OriginalDestination,
        DownstreamRemoteAddress = way.Captured.Peer,
        RequestedServerName = way.Captured.ServerName,
    });

    /// <summary>What is decided about one connection.</summary>
    private sealed class TcpWay(CapturedConnection captured, ProxySnapshot snapshot)
    {
        public CapturedConnection Captured => captured;

        public ProxySnapshot Snapshot => snapshot;

        public CompiledCluster? Cluster { get; set; }

        public string ClusterName { get; set; } = "";

        public CompiledEndpoint? Endpoint { get; set; }

        public IPEndPoint? UpstreamLocal { get; set; }

        public bool IsCounted { get; set; }

        public ResponseFlag Flags { get; set; }

        public string? Failure { get; set; }
    }
}
