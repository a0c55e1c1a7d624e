using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mesh.Testing;

namespace Mesh.Benchmarks.Api;

/// <summary>
/// etcd of this machine, when there is one, put to by the same load: plain puts of a pod's bytes over gRPC without TLS, its
/// data in memory (/dev/shm). It is what a real API server stores into and only that: it knows no kinds, defaults, owners of
/// fields or watches here, so it is a ceiling to compare with, not an equal.
/// </summary>
public static class EtcdPeer
{
    public static async Task<WriteResult?> RunAsync(TimeSpan time, int size)
    {
        if (Programs() is not { } program)
            return null;
        var directory = Path.Combine("/dev/shm", $"mesh-bench-etcd-{Environment.ProcessId}");
        var (client, peer) = (FreePort.Find(), FreePort.Find());
        using var etcd = Process.Start(new ProcessStartInfo(program,
        [
            "--data-dir", directory, "--listen-client-urls", $"http://127.0.0.1:{client}", "--advertise-client-urls", $"http://127.0.0.1:{client}",
            "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}",
            "--initial-cluster", $"default=http://127.0.0.1:{peer}", "--logger", "zap", "--log-level", "error",
        ]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            return await PutAsync(new Uri($"http://127.0.0.1:{client}/etcdserverpb.KV/Put"), time, size);
        }
        finally
        {
            etcd.Kill();
            await etcd.WaitForExitAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<WriteResult> PutAsync(Uri put, TimeSpan time, int size)
    {
        var clients = Enumerable.Range(0, 4).Select(_ => new HttpMessageInvoker(new SocketsHttpHandler())).ToArray();
        await UntilReadyAsync(clients[0], put);
        var value = new byte[size];
        Random.Shared.NextBytes(value);
        var next = -1;
        var latencies = new List<double>[WriteLoad.Writers];
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, WriteLoad.Writers).Select(writer => Task.Run(async () =>
        {
            var mine = latencies[writer] = [];
            while (clock.Elapsed < time)
            {
                var began = clock.Elapsed;
                await PutOneAsync(clients[writer % clients.Length], put, $"/registry/pods/bench/pod-{Interlocked.Increment(ref next) % 5000}", value);
                mine.Add((clock.Elapsed - began).TotalMilliseconds);
            }
        })));
        var took = clock.Elapsed;
        foreach (var client in clients)
            client.Dispose();
        var sorted = latencies.SelectMany(one => one).Order().ToArray();
        return new WriteResult(sorted.Length, took, sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
    }

    /// <summary>A PutRequest (key 1, value 2) in one gRPC frame.</summary>
    private static async Task PutOneAsync(HttpMessageInvoker http, Uri put, string key, byte[] value)
    {
        var name = Encoding.UTF8.GetBytes(key);
        using var message = new MemoryStream();
        message.Write(new byte[5]);
        Field(message, 0x0a, name);
        Field(message, 0x12, value);
        var frame = message.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - 5);
        using var request = new HttpRequestMessage(HttpMethod.Post, put) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
        using var response = await http.SendAsync(request, CancellationToken.None);
        await response.Content.ReadAsByteArrayAsync();
        if (!response.TrailingHeaders.TryGetValues("grpc-status", out var status) || status.First() != "0")
            throw new InvalidOperationException("etcd refused a put");
    }

    private static void Field(MemoryStream message, byte tag, byte[] bytes)
    {
        message.WriteByte(tag);
        var length = (uint)bytes.Length;
        for (; length > 127; length >>= 7)
            message.WriteByte((byte)(length | 0x80));
        message.WriteByte((byte)length);
        message.Write(bytes);
    }

    private static async Task UntilReadyAsync(HttpMessageInvoker http, Uri put)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await PutOneAsync(http, put, "/ready", [1]);
                return;
            }
            catch (Exception e) when (tries < 100 && e is HttpRequestException or InvalidOperationException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static string? Programs() => new[] { "/usr/bin/etcd", "/usr/local/bin/etcd" }.FirstOrDefault(File.Exists);
}
