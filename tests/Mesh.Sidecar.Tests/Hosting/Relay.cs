using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Mesh.Sidecar.Connections;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>
/// Stands on the wire between two sidecars and writes down what each server's first record of a TLS handshake says: whether
/// the session was resumed. Everything else it could see is encrypted.
/// </summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly RawServer server;
    private readonly List<bool> resumed = [];
    private readonly MemoryStream seen = new();

    public Relay(int to)
    {
        server = new RawServer(async (socket, cancellation) =>
        {
            using var onward = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.NoDelay = true;
            await onward.ConnectAsync(IPAddress.Loopback, to, cancellation);
            await Task.WhenAll(PumpAsync(socket, onward, isServer: false, cancellation), PumpAsync(onward, socket, isServer: true, cancellation));
        });
    }

    public int Port => server.Port;

    public int Connections => server.Accepted;

    /// <summary>For each handshake so far whether it resumed a session.</summary>
    public bool[] Resumed
    {
        get
        {
            lock (resumed) return [.. resumed];
        }
    }

    /// <summary>Whether these bytes were on the wire, either way.</summary>
    public bool Saw(ReadOnlySpan<byte> text)
    {
        lock (seen) return seen.GetBuffer().AsSpan(0, (int)seen.Length).IndexOf(text) >= 0;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task PumpAsync(Socket from, Socket to, bool isServer, CancellationToken cancellation)
    {
        try
        {
            await CopyAsync(from, to, isServer, cancellation);
        }
        catch (SocketException)
        {
            Splice.Reset(from);
            Splice.Reset(to);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool isServer, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        var hello = new List<byte>();
        var told = !isServer;
        for (int count; (count = await from.ReceiveAsync(buffer, cancellation)) > 0;)
        {
            lock (seen) seen.Write(buffer, 0, count);
            if (!told && hello.Count == 0 && buffer[0] != 0x16) told = true; // clear text
            if (!told)
            {
                hello.AddRange(buffer.AsSpan(0, count));
                if (IsResumed([.. hello]) is { } answer)
                {
                    told = true;
                    lock (resumed) resumed.Add(answer);
                }
            }

            for (var sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), cancellation);
        }

        to.Shutdown(SocketShutdown.Send);
    }

    // TLS 1.3: a ServerHello that takes a session up has the extension pre_shared_key (RFC 8446 section 4.2.11), in clear text.
    private static bool? IsResumed(ReadOnlySpan<byte> bytes)
    {
        const ushort PreSharedKey = 41;
        if (bytes.Length < 5) return null;
        var record = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (bytes.Length < 5 + record) return null;
        var rest = bytes.Slice(5 + 4 + 2 + 32, record - 4 - 2 - 32); // record, handshake header, version, random
        rest = rest[(1 + rest[0] + 2 + 1 + 2)..]; // session id, cipher suite, compression, length of extensions
        while (rest.Length >= 4)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(rest) == PreSharedKey) return true;
            rest = rest[(4 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]))..];
        }

        return false;
    }
}
