using System.Net;

namespace Mesh.Sidecar.Health;

// What is known about clusters and their members beyond config: counters that requests write and balancing, retry budgets,
// admin and metrics read. States outlive snapshots (ProxyState carries them over); nothing here decides or does I/O.

/// <summary>Live counters of one member of one cluster; shared by every snapshot in which the member stands.</summary>
public sealed class EndpointState(string cluster, EndPoint address)
{
    private int active;
    private long requests;
    private long errors;
    private long connectFailures;
    private int connections;
    private volatile bool takesMutualTls;
    private volatile bool toldMutualTls;
    private readonly CancellationTokenSource retired = new();

    /// <summary>Name of the cluster.</summary>
    public string Cluster { get; } = cluster;

    /// <summary>Where it listens.</summary>
    public EndPoint Address { get; } = address;

    /// <summary>When it was met for the first time (a timestamp).</summary>
    public long MetAt { get; init; }

    /// <summary>Whether it is given traffic.</summary>
    public MemberHealth Health { get; } = new();

    /// <summary>Requests (or TCP connections) under way.</summary>
    public int Active => Volatile.Read(ref active);

    /// <summary>Requests (or TCP connections) sent so far.</summary>
    public long Requests => Volatile.Read(ref requests);

    /// <summary>Those answered 5xx, or not at all.</summary>
    public long Errors => Volatile.Read(ref errors);

    /// <summary>Connections that could not be opened.</summary>
    public long ConnectFailures => Volatile.Read(ref connectFailures);

    /// <summary>Open upstream connections.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>Whether it is spoken to in mutual TLS of the mesh where its cluster leaves that to it; kept by <see cref="TransportSwitch"/>.</summary>
    public bool TakesMutualTls
    {
        get => takesMutualTls;
        internal set => takesMutualTls = value;
    }

    /// <summary>Whether config said anything of it yet.</summary>
    internal bool IsTold { get; set; }

    /// <summary>What config said last.</summary>
    internal bool ToldMutualTls
    {
        get => toldMutualTls;
        set => toldMutualTls = value;
    }

    /// <summary>Cancelled once no snapshot names the member any longer: whoever keeps idle connections to it closes them.</summary>
    public CancellationToken Retired => retired.Token;

    /// <summary>No snapshot names the member any longer.</summary>
    internal void Retire() => retired.Cancel();

    /// <summary>A try begins.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref active);
        Interlocked.Increment(ref requests);
    }

    /// <summary>A try ended.</summary>
    public void End(bool failed)
    {
        Interlocked.Decrement(ref active);
        if (failed) Interlocked.Increment(ref errors);
    }

    /// <summary>A connection could not be opened.</summary>
    public void CountConnectFailure() => Interlocked.Increment(ref connectFailures);

    /// <summary>A connection was opened (+1) or closed (-1).</summary>
    public void CountConnection(int change) => Interlocked.Add(ref connections, change);
}
