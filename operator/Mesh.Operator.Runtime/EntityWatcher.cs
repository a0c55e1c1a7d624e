using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Runtime;

/// <summary>
/// Turns one kind: its reflector's events go through one keyed queue to its controller and finalizers. A failed object comes
/// again after its own back-off; the others are not held up.
/// </summary>
public sealed class EntityWatcher<TEntity> : BackgroundService, IEntityWatcher where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ResourceKind _kind = ResourceKind.Of(typeof(TEntity));
    private readonly ConcurrentDictionary<EntityKey, TEntity> _gone = new();
    private readonly ConcurrentDictionary<EntityKey, byte> _firstOnes = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IEntityController<TEntity> _controller;
    private readonly FinalizerChain<TEntity> _finalizers;
    private readonly Reflector<TEntity> _reflector;
    private readonly KeyedQueue<EntityKey> _queue;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile bool _listed;
    private long _turnSince;

    public EntityWatcher(
        KubernetesApi api, WatchScope scope, IEntityController<TEntity> controller, IEnumerable<FinalizerRegistration<TEntity>> finalizers,
        TimeProvider time, Random random, ILogger<EntityWatcher<TEntity>> log)
    {
        (_controller, _time, _log) = (controller, time, log);
        _finalizers = new FinalizerChain<TEntity>(api, finalizers);
        _queue = new KeyedQueue<EntityKey>(time, random);
        _reflector = new Reflector<TEntity>(api, scope, Take, time, random, log) { OnUnreadable = p => OnUnreadable?.Invoke(p) };
    }

    /// <summary>Told of each object that could not be decoded.</summary>
    public Action<UnreadableObject>? OnUnreadable { get; set; }

    /// <summary>Told that the server's store was put back; without it the watcher fails.</summary>
    public Action<RolledBackException>? OnRolledBack { get; init; }

    /// <summary>What the reflector knows now.</summary>
    public IReadOnlyDictionary<EntityKey, TEntity> Objects => _reflector.Objects;

    /// <inheritdoc/>
    public Task Synced => _synced.Task;

    /// <inheritdoc/>
    public string Kind => _kind.Kind;

    /// <inheritdoc/>
    public TimeSpan? Turning => Interlocked.Read(ref _turnSince) is var since and not 0 ? _time.GetElapsedTime(since) : null;

    /// <summary>Has the object reconciled (again) after a time.</summary>
    public void Enqueue(EntityKey key, TimeSpan after = default) => _queue.AddAfter(key, after);

    public override void Dispose()
    {
        _queue.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Start-up of the host must not wait for the first list.
        await Task.Yield();
        var work = _queue.WorkAsync(key => WorkAsync(key, stoppingToken), stoppingToken);
        var watch = _reflector.RunAsync(stoppingToken);
        _ = _reflector.Listed.ContinueWith(
            _ =>
            {
                _listed = true;
                if (_firstOnes.IsEmpty) _synced.TrySetResult();
            },
            stoppingToken, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        try
        {
            // A mirror that failed for good ends the process; the queue alone would wait on for ever.
            if (await Task.WhenAny(watch, work) is { IsFaulted: true } failed) await failed;
            await Task.WhenAll(watch, work);
        }
        catch (RolledBackException e) when (OnRolledBack is { } tell)
        {
            tell(e);
        }
    }

    private void Take(EntityEvent<TEntity> change)
    {
        if (change.Gone is not null) _gone[change.Key] = change.Gone;
        if (!_listed) _firstOnes[change.Key] = 0;
        _queue.Add(change.Key);
    }

    private async Task WorkAsync(EntityKey key, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _turnSince, _time.GetTimestamp());
        await WorkOnAsync(key, cancellationToken);
        Interlocked.Exchange(ref _turnSince, 0);
        if (_firstOnes.TryRemove(key, out _) && _listed && _firstOnes.IsEmpty) _synced.TrySetResult();
    }

    private async Task WorkOnAsync(EntityKey key, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        ReconciliationResult<TEntity>? result = null;
        string? failure = null;
        try
        {
            result = await ReconcileAsync(key, cancellationToken);
            if (result?.IsFailure == true) failure = result.ErrorMessage;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            // The one place of this loop: whatever went wrong with this object is said and tried again with back-off.
            failure = e is ApiException or HttpRequestException or TimeoutException ? e.Message : e.ToString();
        }

        RuntimeMetrics.Reconciliations.Add(1, RuntimeMetrics.Kind(_kind), new("result", failure is null ? "ok" : "failed"));
        RuntimeMetrics.ReconcileTime.Record(_time.GetElapsedTime(started).TotalSeconds, RuntimeMetrics.Kind(_kind));
        if (failure is null)
        {
            _queue.Forget(key);
            if (result?.RequeueAfter is { } after) _queue.AddAfter(key, after);
            return;
        }

        var pause = result?.RequeueAfter;
        if (pause is { } given) _queue.AddAfter(key, given);
        else pause = _queue.AddFailed(key);
        _log.LogWarning("{Kind} {Object}: {Failure} (again in {Pause:0.0} s)", _kind.Kind, key, failure, pause.Value.TotalSeconds);
    }

    private async Task<ReconciliationResult<TEntity>?> ReconcileAsync(EntityKey key, CancellationToken cancellationToken)
    {
        if (_gone.TryGetValue(key, out var gone))
        {
            var farewell = await _controller.DeletedAsync(gone, cancellationToken);
            if (farewell.IsFailure) return farewell;
            _gone.TryRemove(new KeyValuePair<EntityKey, TEntity>(key, gone));
        }

        if (!_reflector.Objects.TryGetValue(key, out var entity)) return null;
        if (!_finalizers.IsEmpty)
        {
            if (entity.Metadata.DeletionTimestamp is not null) return await _finalizers.FinalizeAsync(entity, cancellationToken);
            // The write's own event brings the object back with the finalizer on it.
            if (await _finalizers.AttachAsync(entity, cancellationToken)) return null;
        }

        return await _controller.ReconcileAsync(entity, cancellationToken);
    }
}
