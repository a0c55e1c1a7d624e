using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// The connection's way, step by step: original destination, listener, protocol, lane. A declared protocol skips detection,
/// so that a server that speaks first is heard at once.
/// </summary>
public sealed class CapturedPorts(
    ProxyState state, Func<Socket, IPEndPoint?> originalDestination, Lanes lanes, TcpForwarder tcp, DrainGate drain, TimeProvider time, ILogger log)
{
    // A client that declared HTTP and stays silent holds a socket and nothing else; after this it is let go.
    private static readonly TimeSpan HttpSilence = TimeSpan.FromHours(1);

    // One that stops within the HTTP/2 preface is left to HTTP/1 to wait for.
    private static readonly TimeSpan HttpHesitation = TimeSpan.FromSeconds(1);

    private readonly HashSet<int> ownPorts = [];

    /// <summary>Connections to these ports are not let through to themselves.</summary>
    public void Guard(int port) => ownPorts.Add(port);

    /// <summary>One connection the application opened.</summary>
    public Task OutboundAsync(Socket socket) => RunAsync(socket, Direction.Outbound, RouteOutboundAsync);

    /// <summary>One connection the world opened to the application.</summary>
    public Task InboundAsync(Socket socket) => RunAsync(socket, Direction.Inbound, RouteInboundAsync);

    private async Task RunAsync(Socket socket, Direction direction, Func<Socket, CapturedConnection, ProxySnapshot, ValueTask> route)
    {
        drain.Enter();
        try
        {
            var destination = originalDestination(socket);
            if (destination is null || ownPorts.Contains(destination.Port))
            {
                log.LogWarning(
                    "Refused a connection from {Peer} on the {Direction} port: {Reason}.", socket.RemoteEndPoint, direction,
                    destination is null ? "its original destination is not known" : $"it was opened to the proxy itself ({destination})");
                Splice.Reset(socket);
                return;
            }

            await route(socket, CapturedConnection.Of(socket, direction, destination), state.Current!);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException or IOException)
        {
            log.LogDebug("A connection ended before it had a protocol: {Error}", e.Message);
            socket.Dispose();
        }
        finally
        {
            drain.Leave();
        }
    }

    private async ValueTask RouteOutboundAsync(Socket socket, CapturedConnection captured, ProxySnapshot snapshot)
    {
        var listener = snapshot.FindOutbound(captured.OriginalDestination);
        var refuseUnknown = snapshot.Config.Outbound.UnknownDestinations == UnknownDestinations.RegistryOnly;
        if (listener is null && !refuseUnknown)
        {
            await tcp.ForwardAsync(socket, captured, snapshot, null);
            return;
        }

        // What is refused is looked at all the same: an HTTP client is told why, others are closed.
        var declared = listener?.Protocol ?? AppProtocol.Auto;
        var protocol = await DetectAsync(socket, declared, snapshot);
        switch (protocol)
        {
            case DetectedProtocol.Http1 or DetectedProtocol.Http2 when listener is null || listener.Routes is not null:
                lanes.HandOver(socket, captured, protocol == DetectedProtocol.Http2);
                break;
            case DetectedProtocol.Tls:
                captured.ServerName = await ReadServerNameAsync(socket, snapshot);
                await tcp.ForwardAsync(socket, captured, snapshot, TlsDestinations(listener, captured.ServerName));
                break;
            default:
                await tcp.ForwardAsync(socket, captured, snapshot, listener?.TcpDestinations);
                break;
        }
    }

    private async ValueTask RouteInboundAsync(Socket socket, CapturedConnection captured, ProxySnapshot snapshot)
    {
        var port = snapshot.FindInbound(captured.OriginalDestination.Port);
        var protocol = await DetectAsync(socket, port.Config.Protocol, snapshot);
        if (protocol is DetectedProtocol.Http1 or DetectedProtocol.Http2) lanes.HandOver(socket, captured, protocol == DetectedProtocol.Http2);
        else await tcp.ForwardToApplicationAsync(socket, captured, snapshot, port);
    }

    private ValueTask<DetectedProtocol> DetectAsync(Socket socket, AppProtocol declared, ProxySnapshot snapshot) => declared switch
    {
        AppProtocol.Tcp => new(DetectedProtocol.Tcp),
        AppProtocol.Tls => new(DetectedProtocol.Tls),
        AppProtocol.Http or AppProtocol.Http2 => ProtocolDetector.WhichHttpAsync(socket, HttpSilence, HttpHesitation, time, drain.Expired),
        _ => ProtocolDetector.DetectAsync(socket, snapshot.Mesh.ProtocolDetectionTimeout, time, drain.Expired),
    };

    private async ValueTask<string> ReadServerNameAsync(Socket socket, ProxySnapshot snapshot)
    {
        var buffer = new byte[ClientHello.Bound];
        var limit = snapshot.Mesh.ProtocolDetectionTimeout;
        using var peek = new SocketPeek(socket, limit, limit, time, drain.Expired);
        for (var seen = 0; ;)
        {
            var count = await peek.MoreThanAsync(seen, buffer);
            if (ClientHello.TryReadServerName(buffer.AsSpan(0, count), out var name) || count <= seen) return name;
            seen = count;
        }
    }

    private static WeightedChoice<WeightedCluster>? TlsDestinations(CompiledListener? listener, string serverName)
    {
        if (listener is null) return null;
        return serverName.Length > 0 && listener.FindTls(serverName) is { } route ? route : listener.TcpDestinations;
    }
}
