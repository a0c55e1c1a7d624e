using Mesh.Config;

namespace Mesh.Sidecar.Health;

/// <summary>
/// The limits of one cluster, kept by this proxy for itself: what is over them is refused at once, or waits where it may.
/// Clusters without limits never come here.
/// </summary>
/// <remarks>
/// As in Envoy a request waits for a connection while one is being opened for it, and where HTTP/1.1 has used up its
/// connections; those that wait are bounded by MaxPendingRequests, those under way by MaxRequests.
/// </remarks>
public sealed class CircuitBreaker
{
    private readonly Lock gate = new();
    private readonly LinkedList<Admission> queue = new();
    private int requests;
    private int connections;
    private int pending;
    private long pendingOverflow;
    private long connectionOverflow;

    /// <summary>Requests under way.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>Connections in use.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>Requests that wait for a connection.</summary>
    public int Pending => Volatile.Read(ref pending);

    /// <summary>Requests refused.</summary>
    public long PendingOverflow => Volatile.Read(ref pendingOverflow);

    /// <summary>Times that no further connection was allowed.</summary>
    public long ConnectionOverflow => Volatile.Read(ref connectionOverflow);

    /// <summary>Asks to send a request; <c>null</c> when it is over a limit. Whoever is let in disposes the admission afterwards.</summary>
    /// <param name="limits">Of the cluster.</param>
    /// <param name="isHttp1">It takes a connection for itself.</param>
    /// <param name="mustDial">No connection is free, as far as is known.</param>
    public Admission? TryEnter(ConnectionPool limits, bool isHttp1, bool mustDial)
    {
        lock (gate)
        {
            if (requests >= limits.MaxRequests) return Refuse();
            // One is always allowed, else nothing could ever be sent.
            var mustWait = isHttp1 && limits.MaxConnections is { } most && connections >= Math.Max(most, 1);
            if (mustWait) connectionOverflow++;
            if ((mustWait || mustDial) && pending >= limits.MaxPendingRequests) return Refuse();
            var admission = new Admission(this, isHttp1);
            if (mustWait)
            {
                admission.Wait();
                queue.AddLast(admission);
                pending++;
                return admission;
            }

            requests++;
            if (isHttp1) connections++;
            if (mustDial)
            {
                admission.IsPending = true;
                pending++;
            }

            return admission;
        }
    }

    /// <summary>Asks to open an opaque connection; give it back with <see cref="EndConnection"/>.</summary>
    public bool TryBeginConnection(int most)
    {
        lock (gate)
        {
            if (connections >= most)
            {
                connectionOverflow++;
                return false;
            }

            connections++;
            return true;
        }
    }

    /// <summary>An opaque connection ended.</summary>
    public void EndConnection()
    {
        lock (gate) connections--;
    }

    internal void Connected(Admission admission)
    {
        lock (gate) NoLongerPending(admission);
    }

    internal void Leave(Admission admission)
    {
        lock (gate)
        {
            if (queue.Remove(admission))
            {
                // It gave up waiting.
                pending--;
                return;
            }

            NoLongerPending(admission);
            requests--;
            if (!admission.HoldsConnection) return;
            if (queue.First is not { } next)
            {
                connections--;
                return;
            }

            queue.Remove(next);
            pending--;
            requests++;
            next.Value.LetIn();
        }
    }

    private void NoLongerPending(Admission admission)
    {
        if (!admission.IsPending) return;
        admission.IsPending = false;
        pending--;
    }

    private Admission? Refuse()
    {
        pendingOverflow++;
        return null;
    }
}
