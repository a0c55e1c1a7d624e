namespace Mesh.Sidecar.Health;

/// <summary>A request's place among those a <see cref="CircuitBreaker"/> allows.</summary>
public sealed class Admission : IDisposable
{
    private readonly CircuitBreaker breaker;
    private TaskCompletionSource? waiting;
    private bool left;

    internal Admission(CircuitBreaker breaker, bool holdsConnection) => (this.breaker, HoldsConnection) = (breaker, holdsConnection);

    /// <summary>Completes when its turn comes.</summary>
    public Task Turn => waiting?.Task ?? Task.CompletedTask;

    internal bool HoldsConnection { get; }

    internal bool IsPending { get; set; }

    /// <summary>It waits for a connection no longer.</summary>
    public void Connected()
    {
        if (IsPending) breaker.Connected(this);
    }

    /// <summary>Gives the place back.</summary>
    public void Dispose()
    {
        if (left) return;
        left = true;
        breaker.Leave(this);
    }

    internal void Wait() => waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void LetIn() => waiting!.SetResult();
}
