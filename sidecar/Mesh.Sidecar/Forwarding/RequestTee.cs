using System.Buffers;

namespace Mesh.Sidecar.Forwarding;

/// <summary>
/// The body of a request as the tries read it. Bytes go to the first try at once, so streaming calls work; while a further
/// try is possible they are also kept, up to <see cref="Cap"/>. Past the cap, or once kept bytes were let go, there is no
/// further try (<see cref="CanReplay"/>).
/// </summary>
public sealed class RequestTee(Stream source) : BodyStream
{
    /// <summary>The most bytes kept for a further try; Envoy's buffer limit.</summary>
    public const int Cap = 1024 * 1024;

    private byte[]? kept;
    private int keptLength;
    private int position;
    private bool keeping;

    /// <summary>Bytes taken from the client so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Whether the client has sent all of it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether a try could read the body from its first byte.</summary>
    public bool CanReplay => BytesRead == keptLength;

    /// <summary>Called once, when the client has sent all.</summary>
    public Action? Ended { get; set; }

    /// <summary>Who wants a copy of the body, whatever becomes of the tries.</summary>
    public BodyCopy? Copy { get; set; }

    /// <summary>Keep what is read from now on; called before the first try of a request that may be tried again.</summary>
    public void Keep() => keeping = BytesRead == 0;

    /// <summary>The next read starts at the first byte.</summary>
    public void Rewind() => position = 0;

    /// <summary>There will be no further try: lets go of what was kept but not read.</summary>
    public void Release()
    {
        keeping = false;
        if (kept is null || position < keptLength) return;
        ArrayPool<byte>.Shared.Return(kept);
        kept = null;
        keptLength = position = 0;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (position < keptLength) return ReadKept(buffer.Span);
        if (HasEnded) return 0;
        var count = await source.ReadAsync(buffer, cancellationToken);
        if (buffer.IsEmpty) return 0;
        if (count == 0) End();
        else Took(buffer.Span[..count]);
        return count;
    }

    private int ReadKept(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, keptLength - position);
        kept.AsSpan(position, count).CopyTo(buffer);
        position += count;
        if (!keeping) Release();
        return count;
    }

    private void Took(ReadOnlySpan<byte> bytes)
    {
        BytesRead += bytes.Length;
        Copy?.Take(bytes);
        if (!keeping) return;
        if (keptLength + bytes.Length > Cap)
        {
            Release();
            return;
        }

        Grow(keptLength + bytes.Length);
        bytes.CopyTo(kept.AsSpan(keptLength));
        keptLength += bytes.Length;
        position = keptLength;
    }

    private void Grow(int needed)
    {
        if (kept is not null && kept.Length >= needed) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(Cap, 2 * (kept?.Length ?? 4096))));
        if (kept is not null)
        {
            kept.AsSpan(0, keptLength).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(kept);
        }

        kept = larger;
    }

    private void End()
    {
        HasEnded = true;
        var ended = Ended;
        Ended = null;
        ended?.Invoke();
        Copy?.End();
    }
}
