using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Operator.Runtime;

/// <summary>
/// Only one replica writes: the one that holds the Lease. Others watch and stand by. The lease is renewed at a third of its
/// duration, given up (and what ran under it cancelled) when it could not be renewed for two thirds, and released on the way
/// out so that a successor need not wait. A holder is judged dead by this process's own clock alone: when its lease has not
/// changed for its whole duration.
/// </summary>
[EntityRbac(typeof(V1Lease), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update, OwnNamespace = true)]
public sealed class LeaderGate : BackgroundService
{
    private readonly IKubernetesClient _client;
    private readonly OperatorSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Backoff _backoff;
    private readonly Lock _lock = new();
    private TaskCompletionSource<CancellationToken> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _term;
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _seenVersion;
    private long _seenAt;
    private long _epoch;
    private long _lowest;

    public LeaderGate(IKubernetesClient client, OperatorSettings settings, TimeProvider time, Random random, ILogger<LeaderGate> log)
    {
        (_client, _settings, _time, _log) = (client, settings, time, log);
        _backoff = new Backoff(TimeSpan.FromMilliseconds(200), settings.LeaseDuration / 3, random);
    }

    public bool IsLeading
    {
        get
        {
            lock (_lock) return IsOpen;
        }
    }

    /// <summary>Number of the present term, or of the last: the first leader's is 1, and each change of leader makes it higher.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>
    /// Makes the term's number higher than one that was seen elsewhere, as after the Lease was deleted and counts anew. Returns
    /// the number; where this process turns out to lead no more, it is not higher.
    /// </summary>
    public async Task<long> RaiseAboveAsync(long seen, CancellationToken cancellationToken)
    {
        TaskCompletionSource wake;
        lock (_lock)
        {
            _lowest = Math.Max(_lowest, Math.Min(seen + 1, int.MaxValue));
            wake = _wake;
        }

        wake.TrySetResult();
        while (IsLeading && Epoch <= seen) await Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellationToken);
        return Epoch;
    }

    /// <summary>Waits until this process leads; the token given back is cancelled when it no longer does.</summary>
    public Task<CancellationToken> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return _open.Task.WaitAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _term?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        V1Lease? held = null;
        var renewedAt = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                held = await TryHoldAsync(held, PatienceAt(renewedAt), stoppingToken);
                _backoff.Reset();
                if (held is not null)
                {
                    renewedAt = _time.GetTimestamp();
                    Interlocked.Exchange(ref _epoch, (held.Spec.LeaseTransitions ?? 0) + 1L);
                }

                pause = held is null ? Max(_settings.LeaseDuration / 10, TimeSpan.FromMilliseconds(100)) : _settings.LeaseDuration / 3;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // Whether the write arrived is not known: read the lease anew before the next try.
                held = null;
                pause = _backoff.Next();
                // Who does not lead has nothing to lose by it.
                _log.Log(IsLeading ? LogLevel.Warning : LogLevel.Debug, "The lease could not be read or written, trying again in {Pause:0.0} s: {Why}", pause.TotalSeconds, e.Message);
                if (_time.GetElapsedTime(renewedAt) < _settings.LeaseDuration * 2 / 3)
                {
                    await DelayAsync(pause, stoppingToken);
                    continue;
                }
            }

            if (held is not null) Open();
            else Close("the lease is held by another or could not be renewed");
            await RestAsync(pause, stoppingToken);
        }

        Close("stopping");
        await ReleaseAsync();
    }

    /// <summary>How long one try may last: a server that takes the question and is silent must not keep a term alive past its lease.</summary>
    private TimeSpan PatienceAt(long renewedAt)
    {
        var third = _settings.LeaseDuration / 3;
        var rest = third * 2 - _time.GetElapsedTime(renewedAt);
        return rest > TimeSpan.Zero && rest < third ? rest : third;
    }

    private async Task<V1Lease?> TryHoldAsync(V1Lease? held, TimeSpan patience, CancellationToken stoppingToken)
    {
        using var late = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stoppingToken);
        try
        {
            return await TryHoldAsync(held, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {patience.TotalSeconds:0.0} s");
        }
    }

    /// <summary>Takes or renews the lease; null when another holds it.</summary>
    private async Task<V1Lease?> TryHoldAsync(V1Lease? held, CancellationToken cancellationToken)
    {
        var lease = held ?? await _client.GetAsync<V1Lease>(_settings.Name, _settings.Namespace, cancellationToken);
        try
        {
            if (lease is null) return await _client.CreateAsync(Mine(new V1Lease { Metadata = new V1ObjectMeta { Name = _settings.Name, NamespaceProperty = _settings.Namespace } }), cancellationToken);
            return MayTake(lease) ? await _client.UpdateAsync(Mine(lease), cancellationToken) : null;
        }
        catch (ApiException e) when (e.IsConflict)
        {
            return null;
        }
    }

    private bool MayTake(V1Lease lease)
    {
        var holder = lease.Spec?.HolderIdentity;
        if (string.IsNullOrEmpty(holder) || holder == _settings.Identity) return true;
        if (lease.Metadata.ResourceVersion != _seenVersion)
        {
            (_seenVersion, _seenAt) = (lease.Metadata.ResourceVersion, _time.GetTimestamp());
            return false;
        }

        return _time.GetElapsedTime(_seenAt) > TimeSpan.FromSeconds(lease.Spec?.LeaseDurationSeconds ?? 15);
    }

    private V1Lease Mine(V1Lease lease)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var spec = lease.Spec ??= new V1LeaseSpec();
        if (spec.HolderIdentity != _settings.Identity)
        {
            spec.LeaseTransitions = (spec.LeaseTransitions ?? -1) + 1;
            spec.AcquireTime = now;
        }

        lock (_lock)
        {
            if ((spec.LeaseTransitions ?? 0) + 1L < _lowest) spec.LeaseTransitions = (int)(_lowest - 1);
        }

        spec.HolderIdentity = _settings.Identity;
        spec.LeaseDurationSeconds = Math.Max(1, (int)_settings.LeaseDuration.TotalSeconds);
        spec.RenewTime = now;
        return lease;
    }

    private void Open()
    {
        lock (_lock)
        {
            if (_open.Task.IsCompleted) return;
            _term = new CancellationTokenSource();
            _open.SetResult(_term.Token);
        }

        RuntimeMetrics.Leading.Add(1);
        _log.LogInformation("Leading as {Identity}", _settings.Identity);
    }

    private void Close(string why)
    {
        CancellationTokenSource? term;
        lock (_lock)
        {
            if (!_open.Task.IsCompleted) return;
            (term, _term) = (_term, null);
            _open = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        RuntimeMetrics.Leading.Add(-1);
        _log.LogInformation("No longer leading: {Why}", why);
        term?.Cancel();
    }

    private async Task ReleaseAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3), _time);
            var lease = await _client.GetAsync<V1Lease>(_settings.Name, _settings.Namespace, limit.Token);
            if (lease?.Spec?.HolderIdentity != _settings.Identity) return;
            lease.Spec.HolderIdentity = "";
            lease.Spec.LeaseDurationSeconds = 1;
            await _client.UpdateAsync(lease, limit.Token);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            _log.LogInformation("The lease was not released ({Why}); it runs out by itself", e.Message);
        }
    }

    /// <summary>Waits, or until the lease has to be written anew.</summary>
    private async Task RestAsync(TimeSpan pause, CancellationToken stoppingToken)
    {
        Task wake;
        lock (_lock)
        {
            if (_wake.Task.IsCompleted) _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            wake = _lowest > Epoch && IsOpen ? Task.CompletedTask : _wake.Task;
        }

        await wake.WaitAsync(pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private bool IsOpen => _open.Task.IsCompletedSuccessfully;

    private async Task DelayAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
