using System.Buffers.Binary;

namespace Mesh.Sidecar.DnsProxy;

// The pod's name server. Queries that iptables took from the application enter, by UDP or TCP; names the mesh knows are
// answered from the config in force, all others by the pod's own name servers, byte for byte. What never happens here:
// answering anybody but this pod (the sockets are on loopback), caching, or inventing an answer for a name we were not told.

/// <summary>One question as a client asked it (RFC 1035 section 4.1).</summary>
public sealed record DnsQuery
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 12;

    /// <summary>What every resolver takes by UDP without saying so.</summary>
    public const int SmallestUdp = 512;

    private const int LongestLabel = 63;
    private const int LongestName = 255;
    private const ushort OptType = 41;

    /// <summary>The client's number for it.</summary>
    public required ushort Id { get; init; }

    /// <summary>The name, lower-case, without the last dot; empty for the root.</summary>
    public required string Name { get; init; }

    /// <summary>The type asked for.</summary>
    public required ushort Type { get; init; }

    /// <summary>Whether it is about the Internet and a plain query: only those are ever answered from the table.</summary>
    public required bool IsPlain { get; init; }

    /// <summary>Whether the client wants others to be asked for it.</summary>
    public required bool RecursionDesired { get; init; }

    /// <summary>Whether the client speaks EDNS (RFC 6891), and so is to be answered in it.</summary>
    public required bool HasEdns { get; init; }

    /// <summary>The most bytes the client takes by UDP.</summary>
    public required int UdpLimit { get; init; }

    /// <summary>The question as it was written, case and all: an answer repeats it.</summary>
    public required ReadOnlyMemory<byte> Question { get; init; }

    /// <summary>Reads a query; <c>null</c> for what is none, so that nothing is ever said to an answer or to noise.</summary>
    public static DnsQuery? Read(ReadOnlyMemory<byte> message)
    {
        var bytes = message.Span;
        if (bytes.Length < HeaderLength) return null;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if ((flags & 0x8000) != 0) return null;
        if (BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]) != 1) return null;
        var at = HeaderLength;
        if (ReadName(bytes, ref at) is not { } name || at + 4 > bytes.Length) return null;
        var type = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
        var @class = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
        at += 4;
        var question = message[HeaderLength..at];
        var others = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) + BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]);
        var additional = BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]);
        var limit = others == 0 ? EdnsLimit(bytes, at, additional) : null;
        return new DnsQuery
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(bytes),
            Name = name,
            Type = type,
            IsPlain = @class == 1 && (flags & 0x7800) == 0 && others == 0,
            RecursionDesired = (flags & 0x0100) != 0,
            HasEdns = limit is not null,
            UdpLimit = Math.Max(limit ?? SmallestUdp, SmallestUdp),
            Question = question,
        };
    }

    // A question is the first name of a message, so there is nothing before it that it could point to.
    private static string? ReadName(ReadOnlySpan<byte> bytes, ref int at)
    {
        Span<char> name = stackalloc char[LongestName];
        var length = 0;
        for (var start = at; ;)
        {
            if (at >= bytes.Length) return null;
            var label = bytes[at++];
            if (label == 0) return new string(name[..Math.Max(length - 1, 0)]);
            if (label > LongestLabel || at + label > bytes.Length || at + label - start >= LongestName) return null;
            foreach (var octet in bytes.Slice(at, label))
            {
                // A dot within a label is no separator, and no name of ours has one.
                name[length++] = octet == (byte)'.' ? '\\' : (char)(octet is >= (byte)'A' and <= (byte)'Z' ? octet | 0x20 : octet);
            }

            name[length++] = '.';
            at += label;
        }
    }

    private static int? EdnsLimit(ReadOnlySpan<byte> bytes, int at, int records)
    {
        for (var i = 0; i < records; i++)
        {
            if (!SkipName(bytes, ref at) || at + 10 > bytes.Length) return null;
            var type = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            if (type == OptType) return BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            at += 10 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 8)..]);
        }

        return null;
    }

    private static bool SkipName(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length)
        {
            var label = bytes[at++];
            if (label == 0) return true;
            if (label >= 0xC0)
            {
                at++;
                return true;
            }

            at += label;
        }

        return false;
    }
}
