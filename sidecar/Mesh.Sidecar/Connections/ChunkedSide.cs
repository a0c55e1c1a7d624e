using System.Globalization;
using System.Text;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Bytes as the bodies of one HTTP/1.1 request and its response: what is sent goes as chunks, what comes is read by the
/// response's framing (RFC 9112 section 6).
/// </summary>
internal sealed class ChunkedSide : SpliceSide
{
    private const int LongestLine = 4096;
    private static readonly byte[] LineEnd = "\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly SpliceSide inner;
    private readonly bool isChunked;
    private readonly byte[] one = new byte[1];
    private long left;
    private bool hasBegun;
    private bool isOver;

    /// <param name="inner">The connection; what was read of it so far ends with the head.</param>
    /// <param name="head">The response's head.</param>
    public ChunkedSide(SpliceSide inner, string head)
    {
        this.inner = inner;
        isChunked = HeaderOf(head, "Transfer-Encoding")?.EndsWith("chunked", StringComparison.OrdinalIgnoreCase) == true;
        left = isChunked ? 0 : long.TryParse(HeaderOf(head, "Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : long.MaxValue;
    }

    public override ValueTask ReadableAsync(CancellationToken cancellation) => isOver || (!isChunked && left == 0) ? default : inner.ReadableAsync(cancellation);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (left == 0) await NextAsync(cancellation);
        if (left == 0) return 0;
        var count = await inner.ReadAsync(buffer.Length > left ? buffer[..(int)left] : buffer, cancellation);
        if (count == 0 && isChunked) throw new IOException("the connection ended within a chunk");
        if (left != long.MaxValue) left -= count;
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (bytes.IsEmpty) return; // an empty chunk is the last one
        await inner.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{bytes.Length:x}\r\n")), cancellation);
        await inner.WriteAsync(bytes, cancellation);
        await inner.WriteAsync(LineEnd, cancellation);
    }

    public override ValueTask FinishAsync(CancellationToken cancellation) => inner.WriteAsync(LastChunk, cancellation);

    public override void Reset() => inner.Reset();

    public override void Dispose() => inner.Dispose();

    private async ValueTask NextAsync(CancellationToken cancellation)
    {
        if (!isChunked || isOver) return;
        if (hasBegun) await LineAsync(cancellation); // the end of the chunk before
        hasBegun = true;
        var line = await LineAsync(cancellation);
        var size = line.Split(';')[0].Trim();
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out left) || left < 0) throw new IOException($"'{size}' is no size of a chunk");
        if (left > 0) return;
        isOver = true;
        while ((await LineAsync(cancellation)).Length > 0)
        {
            // Trailers mean nothing to bytes.
        }
    }

    private async ValueTask<string> LineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (line.Length < LongestLine)
        {
            if (await inner.ReadAsync(one, cancellation) == 0) throw new IOException("the connection ended between chunks");
            if (one[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }

        throw new IOException("a line between chunks has no end");
    }

    private static string? HeaderOf(string head, string name)
    {
        foreach (var line in head.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon > 0 && line[..colon].Equals(name, StringComparison.OrdinalIgnoreCase)) return line[(colon + 1)..].Trim().ToString();
        }

        return null;
    }
}
