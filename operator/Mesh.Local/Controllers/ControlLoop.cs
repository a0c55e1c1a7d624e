using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Controllers;

/// <summary>Takes keys from a queue and has each reconciled, several at a time, the same one never twice at once; a failure comes again later.</summary>
internal sealed class ControlLoop(string name, Func<EntityKey, CancellationToken, Task> reconcile, TimeProvider time, Random random, ILogger log) : IDisposable
{
    private const int Workers = 4;

    private readonly KeyedQueue<EntityKey> _queue = new(time, random, TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(15));

    public void Add(EntityKey key) => _queue.Add(key);

    public void AddAfter(EntityKey key, TimeSpan delay) => _queue.AddAfter(key, delay);

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => _queue.WorkAsync(key => ReconcileAsync(key, cancellation), cancellation)));

    public void Dispose() => _queue.Dispose();

    private async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        try
        {
            await reconcile(key, cancellation);
            _queue.Forget(key);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The end; nothing is tried again.
        }
        catch (Exception e)
        {
            // A conflict only means that the view was older than the object.
            if (e is ApiException { IsConflict: true }) log.LogDebug("{Controller} {Key}: {Why}", name, key, e.Message);
            else log.LogWarning("{Controller} {Key} failed, trying again: {Why}", name, key, e.Message);
            _queue.AddFailed(key);
        }
    }
}
