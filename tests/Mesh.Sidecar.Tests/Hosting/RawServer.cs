using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>A TCP server whose every connection is handled by the test, byte by byte.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource stopping = new();
    private readonly Func<Socket, CancellationToken, Task> handle;
    private readonly Task loop;
    private int accepted;

    public RawServer(Func<Socket, CancellationToken, Task> handle)
    {
        this.handle = handle;
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1024);
        loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>Answers the first request of each connection with this text and closes.</summary>
    public static RawServer Answering(string response) => new(async (socket, cancellation) =>
    {
        await ReadHeadAsync(socket, cancellation);
        await socket.SendAsync(Encoding.Latin1.GetBytes(response), cancellation);
    });

    /// <summary>Reads up to the empty line.</summary>
    public static async Task<string> ReadHeadAsync(Socket socket, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await socket.ReceiveAsync(one, cancellation) == 0) break;
            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    /// <summary>A port nobody listens on.</summary>
    public static int ClosedPort() => FreePort.Find();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await loop;
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(stopping.Token);
                Interlocked.Increment(ref accepted);
                _ = RunAsync(socket);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task RunAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await handle(socket, stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
            }
        }
    }
}
