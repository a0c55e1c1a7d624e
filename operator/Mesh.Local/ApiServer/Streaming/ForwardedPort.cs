using System.Net.Sockets;
using System.Text;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>One forwarded connection: bytes both ways, each way with its own end, and what went wrong in words.</summary>
internal static class ForwardedPort
{
    public static async Task CarryAsync(RemoteStream data, RemoteStream error, PodPort port, PodStreams streams, CancellationToken end)
    {
        try
        {
            await CarryAsync(data, port, streams, end);
        }
        catch (Exception e) when (e is IOException or SocketException && !end.IsCancellationRequested)
        {
            await TellAsync(error, $"error forwarding port {port.Port} to pod {port.Pod}: {e.Message}", end);
        }
        catch (OperationCanceledException)
        {
            // The client left, or the server stops.
        }

        await EndAsync(data, error, end);
    }

    private static async Task CarryAsync(RemoteStream data, PodPort port, PodStreams streams, CancellationToken end)
    {
        using var socket = await streams.Dial(port, end);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        using var connection = new NetworkStream(socket, ownsSocket: false);
        var sending = SendAsync(data, connection, socket, over);
        try
        {
            var buffer = new byte[32 * 1024];
            int read;
            while ((read = await connection.ReadAsync(buffer, over.Token)) > 0)
                await data.SendAsync(buffer.AsMemory(0, read), over.Token);
        }
        finally
        {
            // What the pod has ended, the client ends too (kubectl closes the connection it took); it sends no more after.
            await over.CancelAsync();
            await sending;
        }
    }

    private static async Task SendAsync(RemoteStream data, NetworkStream connection, Socket socket, CancellationTokenSource over)
    {
        try
        {
            await data.Incoming.CopyToAsync(connection, over.Token);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Broken off by one side, so over for both.
            await over.CancelAsync();
        }

        await data.Incoming.CompleteAsync();
    }

    private static async Task TellAsync(RemoteStream error, string what, CancellationToken end)
    {
        try
        {
            await error.SendAsync(Encoding.UTF8.GetBytes(what), end);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Nobody is there to be told.
        }
    }

    private static async Task EndAsync(RemoteStream data, RemoteStream error, CancellationToken end)
    {
        try
        {
            await data.EndAsync(end);
            await error.EndAsync(end);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Nobody is there to be told.
        }

        await data.Incoming.CompleteAsync();
        await error.Incoming.CompleteAsync();
    }
}
