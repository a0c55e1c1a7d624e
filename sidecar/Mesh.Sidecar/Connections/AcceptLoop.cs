using System.Net;
using System.Net.Sockets;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// One port, IPv4 and IPv6 unless it is that of one address. Nothing listens before <see cref="Start"/>, which is called once the first valid config
/// is in force: until then a connection is refused at once instead of waiting in a backlog nobody serves.
/// </summary>
public sealed class AcceptLoop(int port, Func<Socket, Task> handle, ILogger log, IPAddress? only = null) : IAsyncDisposable
{
    private const int Backlog = 4096;

    private readonly CancellationTokenSource stopping = new();
    private Socket? listener;
    private Task loop = Task.CompletedTask;

    /// <summary>The port listened on (the one asked for, or the one chosen when that was 0).</summary>
    public int Port => ((IPEndPoint)(listener ?? throw new InvalidOperationException("Not started.")).LocalEndPoint!).Port;

    /// <summary>Listens and accepts from now on.</summary>
    public void Start()
    {
        if (listener is not null) return;
        listener = Listen();
        loop = Task.Run(AcceptAsync);
    }

    /// <summary>
    /// Takes what already waits in the backlog, then closes the port: closing it first would reset connections whose
    /// handshake the kernel has completed.
    /// </summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await loop;
        listener?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
    }

    private Socket Listen()
    {
        // Redirected connections arrive on 127.0.0.1 / ::1 (outbound) or on the pod's addresses (inbound), so the any
        // address of both families; whoever dials the port itself is refused by the loop guard.
        var address = only ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync()
    {
        while (await NextAsync() is { } socket)
        {
            socket.NoDelay = true;
            ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.loop.ServeAsync(s.socket), (loop: this, socket), preferLocal: false);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await handle(socket);
        }
        catch (Exception e) // this loop's one place for everything: a connection's failure must not end the port
        {
            log.LogError(e, "A connection to port {Port} failed", port);
            socket.Dispose();
        }
    }

    private async ValueTask<Socket?> NextAsync()
    {
        while (true)
        {
            try
            {
                if (stopping.IsCancellationRequested) return listener!.Poll(0, SelectMode.SelectRead) ? listener.Accept() : null;
                return await listener!.AcceptAsync(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                // Comes round once more for what waits in the backlog.
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                // Out of file descriptors: accepting again at once would only spin. A closing connection frees one.
                log.LogWarning("Cannot accept on port {Port}: {Error}. Trying again in 100 ms.", port, e.SocketErrorCode);
                await Task.Delay(100);
            }
            catch (SocketException e)
            {
                log.LogDebug("A connection to port {Port} ended before it was accepted: {Error}.", port, e.SocketErrorCode);
            }
        }
    }
}
