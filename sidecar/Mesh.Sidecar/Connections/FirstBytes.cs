using System.Buffers;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Http;

namespace Mesh.Sidecar.Connections;

/// <summary>What a connection begins with, looked at for as long as what was declared of it allows.</summary>
public sealed class FirstBytes(DrainGate drain, TimeProvider time)
{
    // A client that declared HTTP and stays silent holds a socket and nothing else; after this it is let go.
    private static readonly TimeSpan HttpSilence = TimeSpan.FromHours(1);

    // One that stops within the HTTP/2 preface is left to HTTP/1 to wait for.
    private static readonly TimeSpan HttpHesitation = TimeSpan.FromSeconds(1);

    /// <summary>The protocol. A declared one skips detection, so that a server that speaks first is heard at once.</summary>
    public ValueTask<DetectedProtocol> ProtocolAsync(Socket socket, AppProtocol declared, TimeSpan timeout) => declared switch
    {
        AppProtocol.Tcp => new(DetectedProtocol.Tcp),
        AppProtocol.Tls => new(DetectedProtocol.Tls),
        AppProtocol.Http or AppProtocol.Http2 => ProtocolDetector.WhichHttpAsync(socket, HttpSilence, HttpHesitation, time, drain.Expired),
        _ => ProtocolDetector.DetectAsync(socket, timeout, time, drain.Expired),
    };

    /// <summary>Whether the client begins TLS; <c>null</c> when it said nothing in time.</summary>
    public ValueTask<bool?> BeginsTlsAsync(Socket socket, TimeSpan timeout) => ProtocolDetector.BeginsTlsAsync(socket, timeout, time, drain.Expired);

    /// <summary>What its hello says; nothing when it is not complete in time.</summary>
    public async ValueTask<ClientHello> HelloAsync(Socket socket, TimeSpan timeout)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ClientHello.Bound);
        try
        {
            using var peek = new SocketPeek(socket, timeout, timeout, time, drain.Expired);
            for (var seen = 0; ;)
            {
                var count = await peek.MoreThanAsync(seen, buffer);
                if (ClientHello.TryRead(buffer.AsSpan(0, count), out var hello) || count <= seen) return hello;
                seen = count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Which of the two HTTPs is inside, or TLS once more; with the bytes that had to be taken to see it.</summary>
    public static async ValueTask<(DetectedProtocol Protocol, ReadOnlyMemory<byte> Taken)> WhichHttpAsync(Stream stream, CancellationToken cancellation)
    {
        var buffer = new byte[ProtocolDetector.Bound];
        for (var seen = 0; ;)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(seen), cancellation);
            seen += count;
            if (ProtocolDetector.WhichHttp(buffer.AsSpan(0, seen)) is { } protocol) return (protocol, buffer.AsMemory(0, seen));
            if (count == 0) return (DetectedProtocol.Http1, buffer.AsMemory(0, seen));
        }
    }
}
