namespace Mesh.Sidecar.DnsProxy;

/// <summary>What became of the queries since the start.</summary>
public sealed class DnsCounts
{
    private long mesh;
    private long passedOn;
    private long failed;
    private long dropped;

    /// <summary>Answered from the config.</summary>
    public long Mesh => Volatile.Read(ref mesh);

    /// <summary>Answered by the pod's name servers.</summary>
    public long PassedOn => Volatile.Read(ref passedOn);

    /// <summary>Answered with a failure, as no name server did.</summary>
    public long Failed => Volatile.Read(ref failed);

    /// <summary>Not answered: no query, or too many at a time.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    internal void CountMesh() => Interlocked.Increment(ref mesh);

    internal void CountPassedOn() => Interlocked.Increment(ref passedOn);

    internal void CountFailed() => Interlocked.Increment(ref failed);

    internal void CountDropped() => Interlocked.Increment(ref dropped);
}
