namespace Mesh.Sidecar.Connections;

/// <summary>One of the two connections of a <see cref="Splice"/>. Failing is a SocketException or an IOException.</summary>
public abstract class SpliceSide : IDisposable
{
    /// <summary>Waits until there is something to read, without a buffer: an idle connection holds none.</summary>
    public abstract ValueTask ReadableAsync(CancellationToken cancellation);

    /// <summary>What has arrived; 0 when the peer is done sending.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation);

    /// <summary>Sends all of it.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Says that nothing more will be sent; the other way goes on.</summary>
    public abstract ValueTask FinishAsync(CancellationToken cancellation);

    /// <summary>Closes with RST instead of FIN: what was in flight is lost and the other side shall know.</summary>
    public abstract void Reset();

    public abstract void Dispose();
}
