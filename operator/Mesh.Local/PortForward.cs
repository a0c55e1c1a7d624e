using System.Net;
using System.Net.Sockets;
using Mesh.Local.Node.Linux;
using Microsoft.Extensions.Logging;

namespace Mesh.Local;

/// <summary>A port on this machine's loopback whose connections go on inside the node's namespace: how a browser reaches a mesh.</summary>
internal sealed class PortForward(Socket listener, NamespaceSockets node, IPEndPoint target, ILogger log)
{
    public IPEndPoint Address => (IPEndPoint)listener.LocalEndPoint!;

    /// <summary>Listens on <paramref name="preferred"/> or, when that is taken, on any free port.</summary>
    public static PortForward Open(int preferred, NamespaceSockets node, IPEndPoint target, ILogger log)
    {
        foreach (var port in new[] { preferred, 0 })
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                socket.Listen(128);
                return new PortForward(socket, node, target, log);
            }
            catch (SocketException) when (port != 0)
            {
                socket.Dispose();
            }
        }

        throw new IOException("no port is free on 127.0.0.1");
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true) _ = CarryAsync(await listener.AcceptAsync(cancellation), cancellation);
        }
        catch (OperationCanceledException)
        {
            listener.Dispose();
        }
    }

    private async Task CarryAsync(Socket accepted, CancellationToken cancellation)
    {
        try
        {
            using var near = new NetworkStream(accepted, ownsSocket: true);
            using var socket = await node.ConnectAsync(target, cancellation);
            using var far = new NetworkStream(socket, ownsSocket: false);
            using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAll(CopyAsync(near, far, socket, failed), CopyAsync(far, near, accepted, failed));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            log.LogDebug("A forwarded connection to {Target} ended: {Why}", target, e.Message);
        }
    }

    /// <summary>One direction to its end; the end is passed on and the other direction goes on. One that breaks (a STRICT pod refuses by reset) ends both.</summary>
    private static async Task CopyAsync(NetworkStream from, NetworkStream to, Socket toSocket, CancellationTokenSource failed)
    {
        try
        {
            await from.CopyToAsync(to, failed.Token);
            toSocket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await failed.CancelAsync();
            throw;
        }
    }
}
