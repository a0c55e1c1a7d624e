using System.Net;
using System.Net.Sockets;
using Mesh.Config;

namespace Mesh.Sidecar.Connections;

/// <summary>Opens connections to endpoints and to the application.</summary>
public static class UpstreamDial
{
    // Linux' own bounds (tcp(7)).
    private const int MostProbes = 127;
    private const int LongestSeconds = 32767;

    private static readonly IPEndPoint InboundSourceV4 = new(IPAddress.Parse(WellKnown.InboundSourceIPv4), 0);
    private static readonly IPEndPoint InboundSourceV6 = new(IPAddress.Parse(WellKnown.InboundSourceIPv6), 0);

    /// <summary>
    /// Connects within <paramref name="timeout"/>. Failing throws a <see cref="ConnectFailedException"/>, whatever the reason,
    /// but for the caller's own cancellation.
    /// </summary>
    /// <param name="toApplication">
    /// The connection goes to the application in this pod: its source is 127.0.0.6 / ::6, by which the capture rules know not
    /// to send it back to the inbound port for ever.
    /// </param>
    /// <param name="header">Sent at once, before anything else.</param>
    public static async ValueTask<Socket> ConnectAsync(
        EndPoint endPoint, bool toApplication, TimeSpan timeout, TimeProvider time, CancellationToken cancellation, TcpKeepAlive? keepAlive = null, ProxyHeader? header = null)
    {
        var isTcp = endPoint.AddressFamily != AddressFamily.Unix;
        var socket = isTcp ? new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true } : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            if (toApplication && isTcp) socket.Bind(endPoint.AddressFamily == AddressFamily.InterNetwork ? InboundSourceV4 : InboundSourceV6);
            await socket.ConnectAsync(endPoint, either.Token);
            if (isTcp)
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                if (keepAlive is not null) Set(socket, keepAlive);
            }

            if (header is not null) await socket.SendAsync(header.Bytes, either.Token); // the send buffer of a new connection holds more
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            // The runtime's word for a path that is not there.
            var isMissing = !isTcp && e.SocketErrorCode == SocketError.AddressNotAvailable;
            throw new ConnectFailedException(endPoint, isMissing ? "no such socket" : Reason(e.SocketErrorCode), e);
        }
        catch (OperationCanceledException e)
        {
            socket.Dispose();
            if (cancellation.IsCancellationRequested) throw;
            throw new ConnectFailedException(endPoint, "connection timeout", e);
        }
    }

    /// <summary>What stands for the member in a URI; names, where they matter, stand in headers.</summary>
    public static string AuthorityOf(EndPoint endPoint) => endPoint is IPEndPoint ? endPoint.ToString()! : "socket";

    // Seconds, and at least one: the system knows nothing smaller.
    private static void Set(Socket socket, TcpKeepAlive keepAlive)
    {
        if (keepAlive.Time is { } time) socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(time));
        if (keepAlive.Interval is { } interval) socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(interval));
        if (keepAlive.Probes is { } probes) socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Math.Min(probes, MostProbes));

        static int Seconds(TimeSpan span) => (int)Math.Clamp(Math.Ceiling(span.TotalSeconds), 1, LongestSeconds);
    }

    private static string Reason(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostUnreachable => "host unreachable",
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.TimedOut => "connection timeout",
        SocketError.AccessDenied => "access denied",
        _ => error.ToString(),
    };
}
