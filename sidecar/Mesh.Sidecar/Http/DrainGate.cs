using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Mesh.Sidecar.Http;

/// <summary>
/// Knows every HTTP and TCP connection that is open, so that a drain can ask the HTTP ones to end (Connection: close, GOAWAY)
/// and wait until all have.
/// </summary>
public sealed class DrainGate
{
    private readonly ConcurrentDictionary<IConnectionLifetimeNotificationFeature, byte> closable = new();
    private readonly CancellationTokenSource expired = new();
    private volatile bool draining;
    private volatile TaskCompletionSource? emptied;
    private long entered;
    private int open;

    /// <summary>Whether a drain is under way: new connections get one answer each.</summary>
    public bool IsDraining => draining;

    /// <summary>Connections open now.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Cancelled when the drain's time is over: what is left is cut.</summary>
    public CancellationToken Expired => expired.Token;

    /// <summary>Connections that began since the start.</summary>
    public long Entered => Volatile.Read(ref entered);

    /// <summary>Waits until no connection is open.</summary>
    public async Task EmptyAsync(CancellationToken cancellation)
    {
        while (Open > 0)
        {
            var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            emptied = signal;
            if (Open == 0) return;
            await signal.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Runs an HTTP connection and knows of it meanwhile.</summary>
    public async Task TrackAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        Enter();
        if (lifetime is not null) closable.TryAdd(lifetime, 0);
        try
        {
            await next(connection);
        }
        finally
        {
            if (lifetime is not null) closable.TryRemove(lifetime, out _);
            Leave();
        }
    }

    /// <summary>A connection that has no polite way to be ended begins.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref entered);
        Interlocked.Increment(ref open);
    }

    /// <summary>A connection ended.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref open) == 0) emptied?.TrySetResult();
    }

    /// <summary>Asks every HTTP connection to end after what it is doing; later ones are asked at their first request.</summary>
    public void Begin()
    {
        draining = true;
        foreach (var lifetime in closable.Keys) lifetime.RequestClose();
    }

    /// <summary>Time is up: cut what is left.</summary>
    public void Expire() => expired.Cancel();
}
