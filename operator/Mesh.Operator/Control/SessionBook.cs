using System.Collections.Concurrent;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Control;

/// <summary>The sessions that are up, by pod uid; each plan is offered to all of them at once.</summary>
public sealed class SessionBook(Debounce changes)
{
    private readonly ConcurrentDictionary<string, (ControlSession Session, CancellationTokenSource End)> _sessions = new();
    private readonly Lock _offering = new();
    private volatile Planned? _planned;

    /// <summary>Raised after the last session of a pod ended.</summary>
    public event Action<EntityKey>? Ended;

    /// <summary>Raised after a pod's session came up; with the pod's uid.</summary>
    public event Action<string>? Began;

    /// <summary>How many are up.</summary>
    public int Count => _sessions.Count;

    public bool IsUp(string podUid) => _sessions.ContainsKey(podUid);

    /// <summary>Offers each pod its part of the plan.</summary>
    public void Publish(MeshPlan plan, long plannedAt)
    {
        _planned = new Planned(plan, plannedAt);
        foreach (var (session, _) in _sessions.Values) Offer(session);
    }

    /// <summary>A term is over: what was planned in it is nothing to begin a session of the next one with.</summary>
    public void Stop()
    {
        lock (_offering) _planned = null;
    }

    /// <summary>Has the session run as the pod's only one; returns why it ended.</summary>
    internal async Task<string> RunAsync(ControlSession session, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var mine = (session, end);
        // The newer connection is the living one: the sidecar opens one only when it has none.
        if (_sessions.TryGetValue(session.PodUid, out var before)) await CancelAsync(before.End);
        _sessions[session.PodUid] = mine;
        var by = new KeyValuePair<string, object?>("opened_by", session.OpenedBy);
        OperatorMetrics.Sessions.Add(1, by);
        try
        {
            Offer(session);
            Began?.Invoke(session.PodUid);
            changes.Signal(aside: true);
            return await session.RunAsync(end.Token);
        }
        finally
        {
            OperatorMetrics.Sessions.Add(-1, by);
            if (_sessions.TryRemove(KeyValuePair.Create(session.PodUid, mine)))
            {
                Ended?.Invoke(session.Pod);
                changes.Signal(aside: true);
            }
        }
    }

    private static async Task CancelAsync(CancellationTokenSource end)
    {
        try
        {
            await end.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }

    private void Offer(ControlSession session)
    {
        // What is offered last counts, so a plan that was read early must not be offered late.
        lock (_offering)
        {
            if (_planned is not { } planned) return;
            if (planned.Plan.Pods.TryGetValue(new ObjectKey(session.Pod.Namespace, session.Pod.Name), out var pod) && pod.Uid == session.PodUid)
                session.Offer(new PushOffer(pod.Hash, pod.Sections, planned.At));
        }
    }

    private sealed record Planned(MeshPlan Plan, long At);
}
