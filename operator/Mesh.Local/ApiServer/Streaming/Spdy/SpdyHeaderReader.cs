using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mesh.Local.ApiServer.Streaming.Spdy;

/// <summary>
/// Headers of one direction of a connection: a single zlib stream cut into frames, made with a preset dictionary. .NET has no
/// inflating with one; but raw deflate does not mind where its past came from, so the dictionary goes first as a stored
/// block, and its text is thrown away.
/// </summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    private const int MostText = 64 * 1024;
    private const int ZlibHeader = 2;
    private const int DictionaryName = 4;
    private const byte HasDictionary = 0x20;

    private readonly MemoryStream compressed = new();
    private readonly DeflateStream inflating;
    private bool begun;

    public SpdyHeaderReader() => inflating = new DeflateStream(compressed, CompressionMode.Decompress);

    /// <summary>The names and values of one frame.</summary>
    /// <exception cref="InvalidDataException">Not such a block.</exception>
    public Dictionary<string, string> Read(ReadOnlySequence<byte> block)
    {
        Feed(begun ? block : Begin(block));
        var left = MostText;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var count = Number(); count > 0; count--)
        {
            var name = Text(ref left);
            headers[name] = Text(ref left);
        }

        return headers;
    }

    public void Dispose()
    {
        inflating.Dispose();
        compressed.Dispose();
    }

    private ReadOnlySequence<byte> Begin(ReadOnlySequence<byte> block)
    {
        begun = true;
        if (block.Length < ZlibHeader + DictionaryName)
            throw new InvalidDataException("headers without a zlib stream");
        Span<byte> start = stackalloc byte[ZlibHeader + DictionaryName];
        block.Slice(0, start.Length).CopyTo(start);
        if ((start[1] & HasDictionary) == 0)
            return block.Slice(ZlibHeader);
        if (BinaryPrimitives.ReadUInt32BigEndian(start[ZlibHeader..]) != SpdyDictionary.Sum)
            throw new InvalidDataException("headers compressed with another dictionary than SPDY's");
        var dictionary = SpdyDictionary.Bytes;
        Span<byte> stored = [0, (byte)dictionary.Length, (byte)(dictionary.Length >> 8), (byte)~dictionary.Length, (byte)(~dictionary.Length >> 8)];
        Feed(new ReadOnlySequence<byte>([.. stored, .. dictionary]));
        inflating.ReadExactly(new byte[dictionary.Length]);
        return block.Slice(start.Length);
    }

    /// <summary>Puts bytes behind those not yet inflated.</summary>
    private void Feed(ReadOnlySequence<byte> bytes)
    {
        var rest = compressed.ToArray().AsSpan((int)compressed.Position).ToArray();
        compressed.SetLength(0);
        compressed.Write(rest);
        foreach (var segment in bytes)
            compressed.Write(segment.Span);
        compressed.Position = 0;
    }

    private int Number()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    private string Text(ref int left)
    {
        var length = Number();
        if (length < 0 || (left -= length) < 0)
            throw new InvalidDataException($"headers of more than {MostText} bytes");
        var bytes = new byte[length];
        Fill(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private void Fill(Span<byte> bytes)
    {
        if (inflating.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InvalidDataException("headers that end too early");
    }
}
