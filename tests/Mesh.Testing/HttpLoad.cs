using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Testing;

/// <summary>
/// Requests at a fixed rate from inside a pod, over connections that are kept, each counted: an answer that is not 200, a
/// connection that ends in a request, one that ends between two requests without having said so. Nothing is tried twice, so
/// what a friendlier client would hide is seen.
/// </summary>
public sealed class HttpLoad : IAsyncDisposable
{
    /// <summary>The header by which the sample's pods say who answered.</summary>
    private const string PodHeader = "x-bookinfo-pod";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentBag<double> _times = [];
    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly ConcurrentDictionary<string, int> _pods = new();
    private readonly string _network;
    private readonly IPEndPoint _address;
    private readonly byte[] _request;
    private readonly Task _running;
    private readonly long _began = Stopwatch.GetTimestamp();
    private int _requests;

    private HttpLoad(string network, IPEndPoint address, string host, string path, int perSecond, int connections)
    {
        (_network, _address) = (network, address);
        _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        _running = Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() => AskAsync(TimeSpan.FromSeconds(connections / (double)perSecond), i / (double)connections))));
    }

    /// <summary>Requests answered or given up so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Starts in the pod whose network namespace is <paramref name="network"/>.</summary>
    public static HttpLoad Start(string network, IPEndPoint address, string host, string path, int perSecond, int connections = 16) =>
        new(network, address, host, path, perSecond, connections);

    /// <summary>Ends it and says what came of it.</summary>
    public async Task<HttpLoadResult> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        var times = _times.Order().ToArray();
        return new HttpLoadResult(Requests, Requests / Stopwatch.GetElapsedTime(_began).TotalSeconds, [.. _failures],
            times.Length == 0 ? 0 : times[(int)(times.Length * 0.99)], times.LastOrDefault(), new SortedDictionary<string, int>(_outcomes), new SortedDictionary<string, int>(_pods));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task AskAsync(TimeSpan period, double phase)
    {
        var began = Stopwatch.GetTimestamp();
        NetworkStream? connection = null;
        var buffer = new byte[64 * 1024];
        for (var n = 0; !_stop.IsCancellationRequested; n++)
        {
            var wait = (period * (n + phase)) - Stopwatch.GetElapsedTime(began);
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested) break;
            var start = Stopwatch.GetTimestamp();
            using var limit = new CancellationTokenSource(Limit);
            try
            {
                connection ??= await ConnectAsync(limit.Token);
                await connection.WriteAsync(_request, limit.Token);
                var (status, keep, pod) = await ReadAsync(connection, buffer, limit.Token);
                _pods.AddOrUpdate(pod, 1, (_, count) => count + 1);
                if (status == 200) Note("200");
                else Fail($"status {status}", status.ToString(CultureInfo.InvariantCulture));
                if (!keep)
                {
                    await connection.DisposeAsync();
                    connection = null;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or FormatException)
            {
                Fail(e is OperationCanceledException ? $"no answer within {Limit.TotalSeconds:0} s" : e.Message, e is OperationCanceledException ? "no answer" : "cut");
                if (connection is not null) await connection.DisposeAsync();
                connection = null;
            }

            _times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Interlocked.Increment(ref _requests);
        }

        if (connection is not null) await connection.DisposeAsync();
    }

    private void Note(string outcome) => _outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);

    private void Fail(string why, string outcome)
    {
        Note(outcome);
        _failures.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began).TotalSeconds:0.000} s: {why}"));
    }

    private async Task<NetworkStream> ConnectAsync(CancellationToken cancellation)
    {
        var socket = NetworkNamespace.InsideOf(_network, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(_address, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One answer to its end: the status, and whether the connection goes on.</summary>
    private static async Task<(int Status, bool Keep, string Pod)> ReadAsync(NetworkStream connection, byte[] buffer, CancellationToken cancellation)
    {
        int length = 0, end;
        while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            var read = await connection.ReadAsync(buffer.AsMemory(length), cancellation);
            if (read == 0) throw new IOException(length == 0 ? "the connection was closed instead of an answer" : "the connection was closed within an answer's head");
            length += read;
        }

        var head = Encoding.ASCII.GetString(buffer, 0, end);
        var status = int.Parse(head.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture);
        var body = end + 4;
        while (!IsWhole(head, buffer.AsSpan(body, length - body)))
        {
            if (length == buffer.Length) throw new FormatException("an answer longer than this load takes");
            var read = await connection.ReadAsync(buffer.AsMemory(length), cancellation);
            if (read == 0) throw new IOException("the connection was closed within an answer's body");
            length += read;
        }

        return (status, Header(head, "connection") is not "close", Header(head, PodHeader) ?? "-");
    }

    /// <summary>By its length, or by the last chunk, which no answer asked for here holds in its text.</summary>
    private static bool IsWhole(string head, ReadOnlySpan<byte> body) => Header(head, "content-length") is { } text
        ? body.Length >= int.Parse(text, CultureInfo.InvariantCulture)
        : Header(head, "transfer-encoding") == "chunked" ? body.EndsWith("0\r\n\r\n"u8) : throw new FormatException($"an answer without a length: {head}");

    private static string? Header(string head, string name)
    {
        foreach (var line in head.Split("\r\n").Skip(1))
        {
            if (line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)) return line[(name.Length + 1)..].Trim().ToLowerInvariant();
        }

        return null;
    }
}
