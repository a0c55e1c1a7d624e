using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mesh.Local.ApiServer.Streaming.Spdy;

/// <summary>
/// The headers we send: a zlib stream without the dictionary (a reader that has one does not need it), flushed after each
/// frame so that all of a frame can be read from it.
/// </summary>
internal sealed class SpdyHeaderWriter : IDisposable
{
    private readonly MemoryStream compressed = new();
    private readonly ZLibStream deflating;

    public SpdyHeaderWriter() => deflating = new ZLibStream(compressed, CompressionLevel.Fastest);

    public byte[] Write(params ReadOnlySpan<(string Name, string Value)> headers)
    {
        compressed.SetLength(0);
        Number(headers.Length);
        foreach (var (name, value) in headers)
        {
            Text(name);
            Text(value);
        }

        deflating.Flush();
        return compressed.ToArray();
    }

    public void Dispose()
    {
        deflating.Dispose();
        compressed.Dispose();
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Number(bytes.Length);
        deflating.Write(bytes);
    }

    private void Number(int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        deflating.Write(bytes);
    }
}
