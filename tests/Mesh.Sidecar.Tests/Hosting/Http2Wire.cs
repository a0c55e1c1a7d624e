using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>One request in HTTP/2, frame by frame (RFC 9113), with headers that no library would send.</summary>
internal static class Http2Wire
{
    private const byte Headers = 1, Reset = 3, Settings = 4, GoAway = 7;
    private const byte EndStream = 1, EndHeaders = 4;

    /// <summary>What a request of headers alone came to: its status, <c>reset</c>, or <c>gone away</c>.</summary>
    public static async Task<string> AskAsync(TestSidecar sidecar, (string Name, string Value)[] headers, CancellationToken cancellation)
    {
        using var client = await sidecar.ConnectOutboundAsync();
        var stream = client.GetStream();
        var hpack = new List<byte>();
        foreach (var (name, value) in headers)
        {
            hpack.Add(0x10); // never indexed, a new name (RFC 7541 section 6.2.3)
            Add(hpack, name);
            Add(hpack, value);
        }

        byte[] request = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, []), .. Frame(Headers, EndStream | EndHeaders, 1, [.. hpack])];
        await stream.WriteAsync(request, cancellation);
        return await ReadAsync(stream, cancellation);
    }

    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var head = new byte[9];
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(head, cancellation);
                var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
                await stream.ReadExactlyAsync(payload, cancellation);
                switch (head[3])
                {
                    case Headers:
                        return payload[0] switch { 0x88 => "200", 0x8c => "400", var other => $"index {other:x2}" }; // RFC 7541 appendix A
                    case Reset:
                        return "reset";
                    case GoAway:
                        return "gone away";
                }
            }
        }
        catch (IOException)
        {
            return "gone away";
        }
    }

    private static void Add(List<byte> hpack, string text)
    {
        hpack.Add((byte)text.Length);
        hpack.AddRange(Encoding.Latin1.GetBytes(text));
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }
}
