using System.Threading.Channels;

namespace Mesh.Sidecar;

/// <summary>Wakes one loop: rings before it waits are kept, several count as one.</summary>
internal sealed class Doorbell
{
    private readonly Channel<bool> rings = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Ring() => rings.Writer.TryWrite(true);

    /// <summary>Until it rings.</summary>
    public async Task WaitAsync(CancellationToken cancellation) => await rings.Reader.ReadAsync(cancellation).ConfigureAwait(false);

    /// <summary>Until it rings or the time is over.</summary>
    /// <returns>Whether it rang.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellation)
    {
        if (rings.Reader.TryRead(out _)) return true;
        if (atMost <= TimeSpan.Zero) return false;
        using var limit = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await rings.Reader.ReadAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
