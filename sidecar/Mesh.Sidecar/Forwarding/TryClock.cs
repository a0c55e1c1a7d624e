namespace Mesh.Sidecar.Forwarding;

/// <summary>
/// The time limits of one request: the route's, over all tries, and that of one try until response headers. As in Envoy both
/// run from the moment the client has sent its whole request: a slow upload is not the endpoint's delay.
/// </summary>
public sealed class TryClock(TimeSpan? timeout, TimeSpan? perTry, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private CancellationTokenSource? current;
    private Deadline deadline;
    private bool running;
    private bool tryArmed;
    private bool armedForTry;

    /// <summary>Cancelled when the try at hand, or the whole request, has taken too long.</summary>
    public CancellationToken Token => current?.Token ?? CancellationToken.None;

    /// <summary>Whether the request as a whole has taken too long.</summary>
    /// <remarks>A timer may fire some ticks before the clock shows its moment: what it was set for decides, not the clock alone.</remarks>
    public bool IsOver => deadline.IsPassed(time) || (!deadline.IsNone && !armedForTry && Token.IsCancellationRequested);

    /// <summary>By when the whole request must be done; none before <see cref="Start"/>.</summary>
    public Deadline Deadline => deadline;

    /// <summary>The whole request is here: time runs.</summary>
    public void Start()
    {
        lock (gate)
        {
            if (running) return;
            running = true;
            deadline = Deadline.After(timeout, time);
            Arm();
        }
    }

    /// <summary>A try begins.</summary>
    public void BeginTry()
    {
        lock (gate)
        {
            current?.Dispose();
            current = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
            tryArmed = perTry is not null;
            Arm();
        }
    }

    /// <summary>Response headers are here: only the limit of the whole request goes on.</summary>
    public void HeadersArrived()
    {
        lock (gate)
        {
            tryArmed = false;
            Arm();
        }
    }

    /// <summary>The connection became a tunnel: no limit goes on.</summary>
    public void Disarm()
    {
        lock (gate)
        {
            tryArmed = false;
            deadline = Deadline.None;
            Arm();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            current?.Dispose();
            current = null;
        }
    }

    private void Arm()
    {
        if (!running || current is null) return;
        var left = deadline.Remaining(time);
        armedForTry = tryArmed && perTry is { } limit && (left == Timeout.InfiniteTimeSpan || limit < left);
        current.CancelAfter(armedForTry ? perTry!.Value : left);
    }
}
