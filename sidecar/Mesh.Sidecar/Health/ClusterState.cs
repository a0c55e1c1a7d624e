using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Health;

/// <summary>Live counters of one cluster; shared by every snapshot in which the cluster stands.</summary>
public sealed class ClusterState
{
    private readonly Action<EndpointState>? healthChanged;
    private volatile Action? onUsed;
    private volatile bool used;
    private int healthVersion;
    private int active;
    private int retrying;
    private long retries;
    private long retriesOverBudget;

    /// <param name="name">Name of the cluster.</param>
    /// <param name="healthChanged">Told of each member that is left out or comes back.</param>
    public ClusterState(string name, Action<EndpointState>? healthChanged = null)
    {
        Name = name;
        this.healthChanged = healthChanged;
        OriginalDestinations = new OriginalDestinations(name);
        Ejections = new Ejections(this);
    }

    /// <summary>Name of the cluster.</summary>
    public string Name { get; }

    /// <summary>Outlier detection.</summary>
    public Ejections Ejections { get; }

    /// <summary>Requests that ended lately, where the retry budget counts them.</summary>
    public RecentRequests Recent { get; } = new();

    /// <summary>Limits on requests and connections.</summary>
    public CircuitBreaker Breaker { get; } = new();

    /// <summary>Grows whenever a member is left out or comes back.</summary>
    public int HealthVersion => Volatile.Read(ref healthVersion);

    /// <summary>Members met so far, where the connection's own destination is the member.</summary>
    public OriginalDestinations OriginalDestinations { get; }

    /// <summary>Requests under way, tries of one request counted once.</summary>
    public int Active => Volatile.Read(ref active);

    /// <summary>Retries under way or waiting for their back-off.</summary>
    public int Retrying => Volatile.Read(ref retrying);

    /// <summary>Retries made so far.</summary>
    public long Retries => Volatile.Read(ref retries);

    /// <summary>Retries that the budget did not allow.</summary>
    public long RetriesOverBudget => Volatile.Read(ref retriesOverBudget);

    /// <summary>A request begins.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref active);
        MarkUsed();
    }

    /// <summary>Something is sent to the cluster. Written only when that is news: it is asked for seldom.</summary>
    public void MarkUsed()
    {
        if (used) return;
        used = true;
        onUsed?.Invoke();
    }

    /// <summary>Whether something was sent since this was asked last.</summary>
    internal bool TakeUsed()
    {
        var was = used;
        used = false;
        return was;
    }

    /// <summary>Whom to tell when the cluster begins to be used.</summary>
    internal void OnUsed(Action? tell) => onUsed = tell;

    /// <summary>A request ended.</summary>
    public void End() => Interlocked.Decrement(ref active);

    /// <summary>Takes a place for a retry if fewer than <paramref name="limit"/> are taken; give it back with <see cref="EndRetry"/>.</summary>
    public bool TryBeginRetry(int limit)
    {
        if (Interlocked.Increment(ref retrying) <= limit)
        {
            Interlocked.Increment(ref retries);
            return true;
        }

        Interlocked.Decrement(ref retrying);
        Interlocked.Increment(ref retriesOverBudget);
        return false;
    }

    /// <summary>Gives the place of a retry back.</summary>
    public void EndRetry() => Interlocked.Decrement(ref retrying);

    /// <summary>A member was left out or came back.</summary>
    internal void ChangeHealth(EndpointState member)
    {
        Interlocked.Increment(ref healthVersion);
        healthChanged?.Invoke(member);
    }
}
