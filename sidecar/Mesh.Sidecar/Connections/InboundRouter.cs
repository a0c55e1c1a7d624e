using System.Net.Security;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Where a connection to the application goes: told apart by its first bytes into mutual TLS of the mesh, a TLS of the
/// client's own and clear text; let in as the port's mode says; then by what it carries to a lane or through as bytes.
/// </summary>
public sealed class InboundRouter(
    InboundModes modes, MutualTlsServer server, ClearTextClients clearText, FirstBytes bytes, Lanes lanes, TcpForwarder tcp, AccessLog accessLog, DrainGate drain, TimeProvider time)
{
    /// <summary>Takes the connection over.</summary>
    public async ValueTask RouteAsync(Socket socket, CapturedConnection captured, ProxySnapshot snapshot)
    {
        var port = snapshot.FindInbound(captured.OriginalDestination.Port);
        var way = new InboundWay(socket, captured, snapshot, port);
        switch (modes.ModeOf(snapshot, port.Config.Port))
        {
            case MutualTlsMode.Strict:
                await StrictAsync(way);
                break;
            case MutualTlsMode.Disable:
                await LetInAsync(way, await bytes.ProtocolAsync(socket, port.Config.Protocol, snapshot.Mesh.ProtocolDetectionTimeout));
                break;
            default:
                await PermissiveAsync(way);
                break;
        }
    }

    // The client of mutual TLS speaks first, so there is no server to be waited for: only the handshake's own deadline.
    private async ValueTask StrictAsync(InboundWay way)
    {
        switch (await bytes.BeginsTlsAsync(way.Socket, MutualTlsServer.Deadline))
        {
            case true:
                var hello = await bytes.HelloAsync(way.Socket, MutualTlsServer.Deadline);
                way.Captured.ServerName = hello.ServerName;
                await TerminateAsync(way);
                break;
            case false:
                Refuse(way, ResponseFlag.NR, "mutual TLS is STRICT and the client sent clear text");
                break;
            default:
                Refuse(way, ResponseFlag.NR, "mutual TLS is STRICT and the client sent nothing");
                break;
        }
    }

    private async ValueTask PermissiveAsync(InboundWay way)
    {
        var declared = way.Port.Config.Protocol;
        // A port of bytes may belong to a server that speaks first: after some silence the client is taken for one in clear text.
        var limit = way.Snapshot.Mesh.ProtocolDetectionTimeout;
        var protocol = declared is not (AppProtocol.Tcp or AppProtocol.Tls) ? await bytes.ProtocolAsync(way.Socket, declared, limit)
            : await bytes.BeginsTlsAsync(way.Socket, limit) is true ? DetectedProtocol.Tls
            : DetectedProtocol.Tcp;
        if (protocol == DetectedProtocol.Tls)
        {
            var hello = await bytes.HelloAsync(way.Socket, MutualTlsServer.Deadline);
            way.Captured.ServerName = hello.ServerName;
            if (hello.IsOfMesh)
            {
                await TerminateAsync(way);
                return;
            }
        }

        await LetInAsync(way, protocol);
    }

    // In clear text, as far as the mesh is concerned.
    private async ValueTask LetInAsync(InboundWay way, DetectedProtocol protocol)
    {
        var isHttp = way.Port.Config.Protocol is AppProtocol.Http or AppProtocol.Http2;
        if (protocol == DetectedProtocol.Tls && isHttp)
        {
            Refuse(way, ResponseFlag.NR, "the port is declared as HTTP and the client sent TLS of its own");
            return;
        }

        if (!way.Captured.Peer.Address.Equals(way.Captured.OriginalDestination.Address)) clearText.Seen(way.Captured.Peer, way.Port.Config.Port);
        if (protocol is DetectedProtocol.Http1 or DetectedProtocol.Http2) lanes.HandOver(way.Socket, way.Captured, protocol == DetectedProtocol.Http2);
        else await tcp.ForwardToApplicationAsync(new SocketSide(way.Socket), way.Captured, way.Snapshot, way.Port);
    }

    private async ValueTask TerminateAsync(InboundWay way)
    {
        SslStream stream;
        try
        {
            (stream, way.Captured.MutualTls) = await server.AuthenticateAsync(way.Socket, way.Snapshot.Mesh.MinimumTlsVersion, drain.Expired);
        }
        catch (TlsRefusedException e)
        {
            Refuse(way, ResponseFlag.None, $"TLS: {e.Reason}");
            return;
        }

        await CarryAsync(way, stream);
    }

    /// <summary>What is inside: what the port is declared as, then what the client's proxy says (ALPN), then what it looks like.</summary>
    private async ValueTask CarryAsync(InboundWay way, SslStream stream)
    {
        var declared = way.Port.Config.Protocol;
        var first = ReadOnlyMemory<byte>.Empty;
        var carried = DetectedProtocol.Tcp;
        if (declared is not (AppProtocol.Tcp or AppProtocol.Tls))
        {
            carried = Announced(stream.NegotiatedApplicationProtocol);
            if (carried == DetectedProtocol.Tcp && declared is (AppProtocol.Http or AppProtocol.Http2))
            {
                try
                {
                    (carried, first) = await FirstBytes.WhichHttpAsync(stream, drain.Expired);
                }
                catch (Exception e) when (e is IOException or OperationCanceledException)
                {
                    await stream.DisposeAsync();
                    throw;
                }
            }
        }

        switch (carried)
        {
            case DetectedProtocol.Http1 or DetectedProtocol.Http2:
                lanes.HandOver(stream, way.Socket, first.Span, way.Captured, carried == DetectedProtocol.Http2);
                break;
            case DetectedProtocol.Tls:
                Refuse(way, ResponseFlag.NR, "the port is declared as HTTP and the client sent TLS of its own within mutual TLS");
                break;
            default:
                await tcp.ForwardToApplicationAsync(new TlsSide(stream, way.Socket), way.Captured, way.Snapshot, way.Port);
                break;
        }
    }

    private static DetectedProtocol Announced(SslApplicationProtocol protocol)
    {
        if (protocol == MutualTlsClient.Http2 || protocol == SslApplicationProtocol.Http2) return DetectedProtocol.Http2;
        return protocol == MutualTlsClient.Http1 || protocol == SslApplicationProtocol.Http11 ? DetectedProtocol.Http1 : DetectedProtocol.Tcp;
    }

    private void Refuse(InboundWay way, ResponseFlag flag, string why)
    {
        Splice.Reset(way.Socket);
        accessLog.Write(new AccessLogEntry
        {
            StartTime = way.Arrived,
            Flags = flag,
            ResponseCodeDetails = flag == ResponseFlag.NR ? "filter_chain_not_found" : "downstream_transport_failure",
            ConnectionTerminationDetails = why.Replace(' ', '_'), // one word in the log's line
            DurationMilliseconds = (long)(time.GetUtcNow() - way.Arrived).TotalMilliseconds,
            UpstreamCluster = way.Port.Cluster.Name,
            DownstreamLocalAddress = way.Captured.OriginalDestination,
            DownstreamRemoteAddress = way.Captured.Peer,
            RequestedServerName = way.Captured.ServerName,
        });
    }

    private readonly struct InboundWay(Socket socket, CapturedConnection captured, ProxySnapshot snapshot, CompiledInboundPort port)
    {
        public Socket Socket => socket;

        public CapturedConnection Captured => captured;

        public ProxySnapshot Snapshot => snapshot;

        public CompiledInboundPort Port => port;

        public DateTimeOffset Arrived => captured.Arrived;
    }
}
