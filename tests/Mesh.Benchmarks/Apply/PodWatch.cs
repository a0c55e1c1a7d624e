using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Testing;

namespace Mesh.Benchmarks.Apply;

/// <summary>Asks a service from several pods all the time and notes when each first got an answer from another version.</summary>
internal sealed class PodWatch : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, (string Version, long Since)> _seen = new();
    private readonly List<Task> _asking;
    private readonly TimeSpan _period;
    private readonly int _count;
    private long _answers;

    public PodWatch(IReadOnlyList<string> namespaces, IPEndPoint service, TimeSpan period)
    {
        _period = period;
        _count = namespaces.Count;
        _asking = [.. namespaces.Select((path, i) => Ask(i, path, service))];
    }

    /// <summary>Until every pod is answered by this version.</summary>
    public Task All(string version) => Eventually.True(() => _seen.Count(pod => pod.Value.Version == version) == _count, $"every pod is answered by {version}", Patience);

    /// <summary>
    /// Until answers come at the pace they are asked for: fifty sidecars that compile their first requests on a few cores have
    /// other things to do than to obey. Gives up after three minutes and measures what there is.
    /// </summary>
    public async Task Settled()
    {
        var expected = _count * (Window / _period) * 0.9;
        for (var i = 0; i < 90; i++)
        {
            var before = Interlocked.Read(ref _answers);
            await Task.Delay(Window, _stop.Token);
            if (Interlocked.Read(ref _answers) - before >= expected) return;
        }
    }

    /// <summary>When each pod was first answered by it.</summary>
    public IEnumerable<long> Times(string version) => _seen.Values.Where(pod => pod.Version == version).Select(pod => pod.Since);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_asking);
        _stop.Dispose();
    }

    private async Task Ask(int pod, string path, IPEndPoint service)
    {
        var request = Encoding.ASCII.GetBytes("GET /health HTTP/1.1\r\nHost: server:9080\r\n\r\n");
        var buffer = new byte[4096];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var socket = NetworkNamespace.InsideOf(path, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
                await socket.ConnectAsync(service, _stop.Token);
                using var timer = new PeriodicTimer(_period);
                while (await timer.WaitForNextTickAsync(_stop.Token))
                {
                    await socket.SendAsync(request, _stop.Token);
                    // The answer is far smaller than a segment, so it comes in one piece.
                    var length = await socket.ReceiveAsync(buffer, _stop.Token);
                    if (length == 0) break;
                    Interlocked.Increment(ref _answers);
                    Note(pod, Encoding.ASCII.GetString(buffer, 0, length));
                }
            }
            catch (SocketException)
            {
                // The next turn connects again.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Note(int pod, string answer)
    {
        const string Header = "x-bookinfo-version: ";
        var at = answer.IndexOf(Header, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return;
        var version = answer[(at + Header.Length)..answer.IndexOf('\r', at)];
        if (!_seen.TryGetValue(pod, out var last) || last.Version != version) _seen[pod] = (version, Stopwatch.GetTimestamp());
    }
}
