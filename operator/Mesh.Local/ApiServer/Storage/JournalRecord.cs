using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Mesh.Local.ApiServer.Storage;

/// <summary>
/// One record of a journal: length and checksum (four bytes each), then what happened (one byte), the revision (eight), the
/// resource and the object's key (two bytes of length and the text each), and of an object that stands its bytes.
/// </summary>
internal static class JournalRecord
{
    public const int HeaderLength = 8;
    public const byte Stands = 1;
    private const byte Removed = 2;
    private const byte Reached = 3;

    public static byte[] Put(string id, StoredObject item) => Build(Stands, item.Revision, id, item.Key, item.Utf8);

    public static byte[] Remove(string id, StoredObject last) => Build(Removed, last.Revision, id, last.Key, []);

    /// <summary>A revision that was reached, whatever of it still stands.</summary>
    public static byte[] Revision(long revision) => Build(Reached, revision, "", "", []);

    public static (byte Happened, long Revision, string Id, string Key, int BytesFrom) Read(ReadOnlySpan<byte> record)
    {
        var happened = record[0];
        var revision = BinaryPrimitives.ReadInt64LittleEndian(record[1..]);
        var at = 9;
        var id = Text(record, ref at);
        var key = Text(record, ref at);
        return (happened, revision, id, key, at);
    }

    /// <summary>CRC-32C, which processors compute by themselves.</summary>
    public static uint Check(ReadOnlySpan<byte> bytes)
    {
        var check = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            check = BitOperations.Crc32C(check, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            check = BitOperations.Crc32C(check, one);
        return ~check;
    }

    private static byte[] Build(byte happened, long revision, string id, string key, ReadOnlySpan<byte> bytes)
    {
        var record = new byte[HeaderLength + 9 + 2 + Encoding.UTF8.GetByteCount(id) + 2 + Encoding.UTF8.GetByteCount(key) + bytes.Length];
        var content = record.AsSpan(HeaderLength);
        content[0] = happened;
        BinaryPrimitives.WriteInt64LittleEndian(content[1..], revision);
        var at = 9;
        Add(content, ref at, id);
        Add(content, ref at, key);
        bytes.CopyTo(content[at..]);
        BinaryPrimitives.WriteInt32LittleEndian(record, content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Check(content));
        return record;
    }

    private static void Add(Span<byte> to, ref int at, string text)
    {
        var written = Encoding.UTF8.GetBytes(text, to[(at + 2)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(to[at..], (ushort)written);
        at += 2 + written;
    }

    private static string Text(ReadOnlySpan<byte> from, ref int at)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(from[at..]);
        var text = Encoding.UTF8.GetString(from.Slice(at + 2, length));
        at += 2 + length;
        return text;
    }
}
