using System.Buffers;
using System.Buffers.Binary;

namespace Mesh.Local.ApiServer.Streaming.Spdy;

/// <summary>One frame of SPDY/3.1: eight bytes that say what it is, and what it carries.</summary>
internal readonly record struct SpdyFrame(SpdyFrameKind Kind, byte Flags, int StreamId, ReadOnlySequence<byte> Payload)
{
    public const int HeaderLength = 8;
    public const byte Fin = 1;
    private const int Version = 3;

    public bool IsFin => (Flags & Fin) != 0;

    /// <summary>Takes one whole frame off the front of <paramref name="buffer"/>; false while it is not all there.</summary>
    /// <exception cref="InvalidDataException">Not SPDY/3.1.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out SpdyFrame frame)
    {
        frame = default;
        Span<byte> header = stackalloc byte[HeaderLength];
        if (buffer.Length < HeaderLength)
            return false;
        buffer.Slice(0, HeaderLength).CopyTo(header);
        var first = BinaryPrimitives.ReadUInt32BigEndian(header);
        var length = BinaryPrimitives.ReadInt32BigEndian(header[4..]) & 0xffffff;
        if (buffer.Length < HeaderLength + length)
            return false;
        var payload = buffer.Slice(HeaderLength, length);
        buffer = buffer.Slice(HeaderLength + length);
        if (first >> 31 == 0)
        {
            frame = new SpdyFrame(SpdyFrameKind.Data, header[4], (int)first, payload);
            return true;
        }

        if (first >> 16 != (0x8000 | Version))
            throw new InvalidDataException($"a frame of SPDY version {(first >> 16) & 0x7fff}, not {Version}");
        var kind = (SpdyFrameKind)(first & 0xffff);
        frame = new SpdyFrame(kind, header[4], StreamOf(kind, payload), payload);
        return true;
    }

    /// <summary>A control frame, ready to send.</summary>
    public static byte[] Control(SpdyFrameKind kind, byte flags, ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x80000000 | (Version << 16) | (uint)kind);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), (flags << 24) | payload.Length);
        payload.CopyTo(bytes.AsSpan(HeaderLength));
        return bytes;
    }

    /// <summary>A control frame of two numbers, as most are.</summary>
    public static byte[] Control(SpdyFrameKind kind, int first, int second)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, first);
        BinaryPrimitives.WriteInt32BigEndian(payload[4..], second);
        return Control(kind, 0, payload);
    }

    /// <summary>The eight bytes before a stream's data.</summary>
    public static void WriteDataHeader(Span<byte> header, int stream, bool fin, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(header, stream);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], ((fin ? Fin : 0) << 24) | length);
    }

    /// <summary>A number of the payload.</summary>
    public int Number(int offset)
    {
        if (Payload.Length < offset + 4)
            throw new InvalidDataException($"a {Kind} frame of {Payload.Length} bytes");
        Span<byte> bytes = stackalloc byte[4];
        Payload.Slice(offset, 4).CopyTo(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    private static int StreamOf(SpdyFrameKind kind, ReadOnlySequence<byte> payload) =>
        kind is SpdyFrameKind.SynStream or SpdyFrameKind.SynReply or SpdyFrameKind.Reset or SpdyFrameKind.Headers or SpdyFrameKind.WindowUpdate
            ? new SpdyFrame(kind, 0, 0, payload).Number(0) & 0x7fffffff
            : 0;
}
