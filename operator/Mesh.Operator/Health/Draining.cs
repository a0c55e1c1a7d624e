namespace Mesh.Operator.Health;

/// <summary>
/// The end, in order: not ready; a while in which everything goes on, since the API server and sidecars ask this replica until
/// they have noticed; then the lease is released, and with the term its sessions end (a listener would wait for them); only
/// then the listeners close.
/// </summary>
public sealed class Draining(LeaderGate gate, StoreRollback rollback, OperatorOptions options, TimeProvider time, ILogger<Draining> log) : IHostedLifecycleService
{
    /// <summary>What the end may take after the delay: a few admission reviews, and the release of the lease.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(8);

    private volatile bool _hasBegun;

    /// <summary>From now on nobody new should ask.</summary>
    public bool HasBegun => _hasBegun;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _hasBegun = true;
        // After a store was put back nothing goes on: this process would act on what is no more.
        if (options.DrainDelay > TimeSpan.Zero && !rollback.HasHappened)
        {
            log.LogInformation("Ending: not ready any more, everything goes on for {Delay:0.0} s", options.DrainDelay.TotalSeconds);
            await Task.Delay(options.DrainDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await gate.StopAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
