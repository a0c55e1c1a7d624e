using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Connections;

/// <summary>The connection's way, step by step: original destination, listener, protocol, lane.</summary>
public sealed class CapturedPorts(
    ProxyState state, Func<Socket, IPEndPoint?> originalDestination, FirstBytes bytes, InboundRouter inbound, Lanes lanes, TcpForwarder tcp,
    DrainGate drain, TimeProvider time, ILogger log)
{
    private readonly HashSet<int> ownPorts = [];

    /// <summary>Connections to these ports are not let through to themselves.</summary>
    public void Guard(int port) => ownPorts.Add(port);

    /// <summary>One connection the application opened.</summary>
    public Task OutboundAsync(Socket socket) => RunAsync(socket, Direction.Outbound, RouteOutboundAsync);

    /// <summary>One connection the world opened to the application.</summary>
    public Task InboundAsync(Socket socket) => RunAsync(socket, Direction.Inbound, inbound.RouteAsync);

    /// <summary>One connection to a place where the sidecar listens by itself: nothing says where it was going but that place.</summary>
    public Task AddressedAsync(Socket socket, OwnPlace place) => place.Direction == Direction.Outbound
        ? GuardedAsync(socket, () => RouteOutboundAsync(socket, CapturedConnection.Of(socket, place.Direction, place.Address, time.GetUtcNow(), isAddressed: true), state.Current!))
        : GuardedAsync(socket, () => inbound.RouteAsync(socket, CapturedConnection.Of(socket, place.Direction, (IPEndPoint)socket.LocalEndPoint!, time.GetUtcNow()), state.Current!));

    private Task RunAsync(Socket socket, Direction direction, Func<Socket, CapturedConnection, ProxySnapshot, ValueTask> route) => GuardedAsync(socket, () =>
    {
        var destination = originalDestination(socket);
        if (destination is not null && !ownPorts.Contains(destination.Port))
            return route(socket, CapturedConnection.Of(socket, direction, destination, time.GetUtcNow()), state.Current!);

        log.LogWarning(
            "Refused a connection from {Peer} on the {Direction} port: {Reason}.", socket.RemoteEndPoint, direction,
            destination is null ? "its original destination is not known" : $"it was opened to the proxy itself ({destination})");
        Splice.Reset(socket);
        return default;
    });

    private async Task GuardedAsync(Socket socket, Func<ValueTask> route)
    {
        drain.Enter();
        try
        {
            await route();
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
            await tcp.ForwardAsync(new SocketSide(socket), captured, snapshot, null);
            return;
        }

        // What is refused is looked at all the same: an HTTP client is told why, others are closed.
        var declared = listener?.Protocol ?? AppProtocol.Auto;
        var timeout = snapshot.Mesh.ProtocolDetectionTimeout;
        var protocol = await bytes.ProtocolAsync(socket, declared, timeout);
        if (protocol == DetectedProtocol.Tls && declared is (AppProtocol.Http or AppProtocol.Http2)) protocol = DetectedProtocol.Http1; // told so by a 400
        switch (protocol)
        {
            case DetectedProtocol.Http1 or DetectedProtocol.Http2 when listener is null || listener.Routes is not null:
                lanes.HandOver(socket, captured, protocol == DetectedProtocol.Http2);
                break;
            case DetectedProtocol.Tls:
                captured.ServerName = (await bytes.HelloAsync(socket, timeout)).ServerName;
                await tcp.ForwardAsync(new SocketSide(socket), captured, snapshot, TlsDestinations(listener, captured));
                break;
            default:
                await tcp.ForwardAsync(new SocketSide(socket), captured, snapshot, listener?.TcpDestinations(captured.OriginalDestination.Address));
                break;
        }
    }

    private static WeightedChoice<WeightedCluster>? TlsDestinations(CompiledListener? listener, CapturedConnection captured)
    {
        if (listener is null) return null;
        var address = captured.OriginalDestination.Address;
        return captured.ServerName.Length > 0 && listener.FindTls(captured.ServerName, address) is { } route ? route : listener.TcpDestinations(address);
    }
}
