using System.Net;
using System.Net.Sockets;

namespace Mesh.Local.Node.Linux;

/// <summary>
/// Sockets that belong to another network namespace: a socket stays in the namespace of the thread that created it, so one
/// short-lived thread enters, creates, and everything after runs on any thread.
/// </summary>
public sealed class NamespaceSockets(NetworkNamespace network)
{
    public Socket Create(AddressFamily family, SocketType type, ProtocolType protocol) =>
        network.Run(() => new Socket(family, type, protocol));

    /// <summary>A listening TCP socket inside the namespace.</summary>
    public Socket Listen(IPEndPoint address, int backlog = 512)
    {
        var socket = Create(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(address);
        socket.Listen(backlog);
        return socket;
    }

    /// <param name="address">Where to.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="silence">The connection ends when what was sent is not acknowledged for so long; null: the kernel's quarter of an hour.</param>
    public async ValueTask<Socket> ConnectAsync(IPEndPoint address, CancellationToken cancellation, TimeSpan? silence = null)
    {
        const int tcp = 6, userTimeout = 18;
        var socket = Create(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            if (silence is { } limit) socket.SetRawSocketOption(tcp, userTimeout, BitConverter.GetBytes((int)limit.TotalMilliseconds));
            await socket.ConnectAsync(address, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The dialler the API server is given for webhooks and pods.</summary>
    public ValueTask<Stream> DialAsync(EndPoint address, CancellationToken cancellation) => DialAsync(address, cancellation, null);

    /// <summary>A dialler that takes a silent peer for gone after a while.</summary>
    public async ValueTask<Stream> DialAsync(EndPoint address, CancellationToken cancellation, TimeSpan? silence)
    {
        var ip = address switch
        {
            IPEndPoint given => given,
            DnsEndPoint named when IPAddress.TryParse(named.Host, out var parsed) => new IPEndPoint(parsed, named.Port),
            _ => throw new NotSupportedException($"{address} is not an IP address and port"),
        };
        return new NetworkStream(await ConnectAsync(ip, cancellation, silence), ownsSocket: true);
    }
}
