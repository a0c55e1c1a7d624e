namespace Mesh.Benchmarks.Api;

/// <summary>Many open watches that read all they are sent and count events (a line each). Ten share a connection, as the informers of one controller do.</summary>
public sealed class Watchers : IDisposable
{
    private const int PerConnection = 10;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ApiClient> _clients = [];
    private readonly List<Task> _running = [];
    private long _events;
    private int _ended;

    public long Events => Interlocked.Read(ref _events);

    /// <summary>How many ended by the server's doing.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public static async Task<Watchers> OpenAsync(string kubeconfig, int count, Func<int, string> path)
    {
        var watchers = new Watchers();
        for (var i = 0; i < count; i++)
        {
            if (i % PerConnection == 0)
                watchers._clients.Add(new ApiClient(kubeconfig));
            var stream = await watchers._clients[^1].OpenAsync(path(i), watchers._stop.Token);
            watchers._running.Add(Task.Run(() => watchers.CountAsync(stream)));
        }

        return watchers;
    }

    private async Task CountAsync(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer, _stop.Token) is var read and > 0)
                Interlocked.Add(ref _events, buffer.AsSpan(0, read).Count((byte)'\n'));
            Interlocked.Increment(ref _ended);
        }
        catch (Exception e) when (e is OperationCanceledException || _stop.IsCancellationRequested)
        {
            // The bench has seen enough.
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAll(_running);
        foreach (var client in _clients)
            client.Dispose();
        _stop.Dispose();
    }
}
