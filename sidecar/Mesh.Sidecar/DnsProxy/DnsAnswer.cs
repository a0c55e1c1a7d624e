using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Mesh.Sidecar.DnsProxy;

/// <summary>Writes answers of our own (RFC 1035 section 4.1, RFC 6891 for EDNS).</summary>
public static class DnsAnswer
{
    /// <summary>How long a client may keep an answer: short, as the mesh changes.</summary>
    public const int TimeToLive = 30;

    /// <summary>The question could not be answered just now.</summary>
    public const int ServerFailure = 2;

    private const int RecordHeader = 12;
    private const int EdnsRecord = 11;
    private const ushort CanonicalName = 5;
    private const ushort Opt = 41;
    private const ushort OurUdpLimit = 1232; // what fits an IPv6 packet that is never fragmented

    // "the name in the question", by its place (RFC 1035 section 4.1.4)
    private const ushort QuestionName = 0xC000 | DnsQuery.HeaderLength;

    /// <summary>Addresses for a name; none: the name exists and has no address of this kind.</summary>
    /// <param name="query">What was asked.</param>
    /// <param name="alias">The name the addresses belong to where the resolver's search list was appended; else <c>null</c>.</param>
    /// <param name="addresses">In the order in which they are told.</param>
    /// <param name="limit">The most bytes; what does not fit is left out and the client told to ask by TCP.</param>
    public static byte[] Write(DnsQuery query, string? alias, IReadOnlyList<IPAddress> addresses, int limit)
    {
        var room = DnsQuery.HeaderLength + query.Question.Length + (alias is null ? 0 : RecordHeader + alias.Length + 2) + addresses.Count * (RecordHeader + 16) + EdnsRecord;
        Span<byte> buffer = new byte[Math.Min(limit, Math.Max(room, DnsQuery.SmallestUdp))];
        var at = Start(buffer, query);
        var most = buffer.Length - (query.HasEdns ? EdnsRecord : 0);
        var owner = QuestionName;
        var count = 0;
        if (alias is not null && addresses.Count > 0)
        {
            var target = Encode(alias);
            if (at + RecordHeader + target.Length > most) return Truncated(buffer, query, at);
            WriteRecord(buffer, ref at, owner, CanonicalName, target);
            owner = (ushort)(0xC000 | (at - target.Length));
            count++;
        }

        var truncated = false;
        foreach (var address in addresses)
        {
            var data = address.GetAddressBytes();
            truncated = at + RecordHeader + data.Length > most;
            if (truncated) break;
            WriteRecord(buffer, ref at, owner, query.Type, data);
            count++;
        }

        BinaryPrimitives.WriteUInt16BigEndian(buffer[6..], (ushort)count);
        if (truncated) buffer[2] |= 0x02;
        Finish(buffer, query, ref at);
        return buffer[..at].ToArray();
    }

    /// <summary>That it cannot be answered.</summary>
    public static byte[] Fail(DnsQuery query, int code)
    {
        Span<byte> buffer = stackalloc byte[DnsQuery.SmallestUdp];
        var at = Start(buffer, query);
        buffer[2] &= 0xFB; // nobody's word
        buffer[3] |= (byte)code;
        Finish(buffer, query, ref at);
        return buffer[..at].ToArray();
    }

    private static byte[] Truncated(Span<byte> buffer, DnsQuery query, int at)
    {
        buffer[2] |= 0x02;
        Finish(buffer, query, ref at);
        return buffer[..at].ToArray();
    }

    private static int Start(Span<byte> buffer, DnsQuery query)
    {
        buffer[..DnsQuery.HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, query.Id);
        buffer[2] = (byte)(0x84 | (query.RecursionDesired ? 1 : 0)); // an answer, authoritative
        buffer[3] = 0x80; // others can be asked
        BinaryPrimitives.WriteUInt16BigEndian(buffer[4..], 1);
        query.Question.Span.CopyTo(buffer[DnsQuery.HeaderLength..]);
        return DnsQuery.HeaderLength + query.Question.Length;
    }

    private static void Finish(Span<byte> buffer, DnsQuery query, ref int at)
    {
        if (!query.HasEdns) return;
        var record = buffer.Slice(at, EdnsRecord);
        record.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], Opt);
        BinaryPrimitives.WriteUInt16BigEndian(record[3..], OurUdpLimit);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[10..], 1);
        at += EdnsRecord;
    }

    private static void WriteRecord(Span<byte> buffer, ref int at, ushort owner, ushort type, ReadOnlySpan<byte> data)
    {
        var record = buffer[at..];
        BinaryPrimitives.WriteUInt16BigEndian(record, owner);
        BinaryPrimitives.WriteUInt16BigEndian(record[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(record[4..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], TimeToLive);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)data.Length);
        data.CopyTo(record[RecordHeader..]);
        at += RecordHeader + data.Length;
    }

    private static byte[] Encode(string name)
    {
        var bytes = new byte[name.Length + 2];
        var at = 0;
        foreach (var label in name.Split('.'))
        {
            bytes[at] = (byte)label.Length;
            at += 1 + Encoding.ASCII.GetBytes(label, bytes.AsSpan(at + 1));
        }

        return bytes;
    }
}
