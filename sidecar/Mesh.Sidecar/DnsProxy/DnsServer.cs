using System.Net;
using System.Net.Sockets;

namespace Mesh.Sidecar.DnsProxy;

/// <summary>Listens on loopback, UDP and TCP, both families: nobody outside the pod can ask.</summary>
public sealed class DnsServer(int port, NameResolver resolver, TimeProvider time, ILogger log) : IAsyncDisposable
{
    // A client that says nothing more on its TCP connection is let go (RFC 7766 section 6.2.3 recommends seconds).
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private const int MostConnections = 128;

    private readonly CancellationTokenSource stopping = new();
    private readonly List<Socket> sockets = [];
    private readonly List<Task> loops = [];
    private int connections;

    /// <summary>Where it listens, once it does.</summary>
    public int Port { get; private set; }

    /// <summary>Opens the sockets and answers from now on.</summary>
    public void Start()
    {
        Port = port;
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            try
            {
                var (udp, tcp) = Open(address);
                loops.Add(ServeUdpAsync(udp));
                loops.Add(ServeTcpAsync(tcp));
            }
            catch (SocketException e) when (address.AddressFamily == AddressFamily.InterNetworkV6 && e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
            {
                // A pod without IPv6: then no query comes that way either.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        foreach (var socket in sockets) socket.Dispose();
        await Task.WhenAll(loops);
        stopping.Dispose();
    }

    private (Socket Udp, Socket Tcp) Open(IPAddress address)
    {
        var tcp = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        sockets.Add(tcp);
        tcp.Bind(new IPEndPoint(address, Port));
        if (Port == 0) Port = ((IPEndPoint)tcp.LocalEndPoint!).Port;
        tcp.Listen(64);
        var udp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        sockets.Add(udp);
        udp.Bind(new IPEndPoint(address, Port));
        return (udp, tcp);
    }

    private async Task ServeUdpAsync(Socket socket)
    {
        var buffer = new byte[NameServers.MostBytes];
        var anybody = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, stopping.Token);
                _ = AnswerUdpAsync(socket, buffer[..received.ReceivedBytes], received.RemoteEndPoint);
            }
            catch (SocketException)
            {
                // An earlier client was gone before its answer came (ICMP): not this loop's business.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerUdpAsync(Socket socket, byte[] message, EndPoint client)
    {
        try
        {
            if (await resolver.AnswerAsync(message, tcp: false, stopping.Token) is { } answer) await socket.SendToAsync(answer, SocketFlags.None, client, stopping.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            log.LogDebug("A DNS query of {Client} ended without answer: {Error}", client, e.Message);
        }
    }

    private async Task ServeTcpAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptAsync(stopping.Token);
                if (Interlocked.Increment(ref connections) > MostConnections)
                {
                    Interlocked.Decrement(ref connections);
                    socket.Dispose();
                    continue;
                }

                _ = AnswerTcpAsync(socket);
            }
            catch (SocketException e)
            {
                log.LogDebug("A DNS connection ended before it was accepted: {Error}", e.Message);
                if (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable) await Task.Delay(TimeSpan.FromMilliseconds(100), time);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerTcpAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            while (true)
            {
                using var silence = new CancellationTokenSource(Silence, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, stopping.Token);
                if (await DnsFrames.ReadAsync(stream, either.Token) is not { } message) return;
                if (await resolver.AnswerAsync(message, tcp: true, stopping.Token) is not { } answer) return;
                await DnsFrames.WriteAsync(stream, answer, either.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            log.LogDebug("A DNS connection ended: {Error}", e.Message);
        }
        finally
        {
            Interlocked.Decrement(ref connections);
        }
    }
}
