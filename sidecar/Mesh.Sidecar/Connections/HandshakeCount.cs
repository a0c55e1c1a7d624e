namespace Mesh.Sidecar.Connections;

/// <summary>Handshakes of one half of mutual TLS since the start: what shows that they are paid per connection, not per request.</summary>
public sealed class HandshakeCount
{
    private long made;
    private long failed;

    /// <summary>Those that ended in a verified peer.</summary>
    public long Made => Volatile.Read(ref made);

    /// <summary>Those that did not.</summary>
    public long Failed => Volatile.Read(ref failed);

    internal void CountMade() => Interlocked.Increment(ref made);

    internal void CountFailed() => Interlocked.Increment(ref failed);
}
