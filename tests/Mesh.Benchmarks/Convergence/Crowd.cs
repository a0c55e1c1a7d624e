using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Mesh.Benchmarks.Convergence;

/// <summary>All simulated sidecars, and when each first obeyed.</summary>
/// <typeparam name="TTaken">What a config is to them.</typeparam>
internal sealed class Crowd<TTaken> : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly ConcurrentDictionary<IPAddress, CrowdMember<TTaken>> _sidecars = [];
    private readonly Lock _lock = new();
    private Func<TTaken, bool>? _wanted;
    private HashSet<CrowdMember<TTaken>> _missing = [];
    private TaskCompletionSource<long> _last = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Count => _sidecars.Count;

    public int ReadyCount => _sidecars.Values.Count(sidecar => sidecar.IsReady);

    public CrowdMember? At(IPAddress address) => _sidecars.GetValueOrDefault(address);

    public void Add(IPAddress address, CrowdMember<TTaken> sidecar)
    {
        sidecar.Took += snapshot => Look(sidecar, snapshot);
        _sidecars[address] = sidecar;
        sidecar.Start();
    }

    /// <summary>Its pod is gone.</summary>
    public async Task RemoveAsync(IPAddress address)
    {
        if (!_sidecars.TryRemove(address, out var gone)) return;
        lock (_lock)
        {
            if (_missing.Remove(gone) && _missing.Count == 0) _last.TrySetResult(Stopwatch.GetTimestamp());
        }

        await gone.DisposeAsync();
    }

    /// <summary>Makes a change and waits until the last obeys it: the time from before the change.</summary>
    public async Task<(long Start, TimeSpan Last)> ObeyedAsync(Func<TTaken, bool> wanted, Func<Task> change)
    {
        var last = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            (_wanted, _missing, _last) = (wanted, [.. _sidecars.Values], last);
        }

        var start = Stopwatch.GetTimestamp();
        await change();
        try
        {
            return (start, Stopwatch.GetElapsedTime(start, await last.Task.WaitAsync(Patience)));
        }
        catch (TimeoutException)
        {
            lock (_lock) throw new InvalidOperationException($"{_missing.Count} of {Count} proxies do not obey after {Patience.TotalSeconds:0} s, one of them: {_missing.First()}");
        }
    }

    /// <summary>Until every one holds a config and an identity.</summary>
    public async Task ReadyAsync()
    {
        for (var patience = Stopwatch.StartNew(); _sidecars.Values.Any(sidecar => !sidecar.IsReady); await Task.Delay(50))
        {
            if (patience.Elapsed > Patience)
                throw new InvalidOperationException($"{_sidecars.Values.Count(sidecar => !sidecar.IsReady)} of {Count} proxies are not ready, one of them: {_sidecars.Values.First(sidecar => !sidecar.IsReady)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sidecar in _sidecars.Values) await sidecar.DisposeAsync();
    }

    private void Look(CrowdMember<TTaken> sidecar, TTaken snapshot)
    {
        lock (_lock)
        {
            if (_wanted is null || !_missing.Contains(sidecar) || !_wanted(snapshot)) return;
            _missing.Remove(sidecar);
            if (_missing.Count == 0) _last.TrySetResult(Stopwatch.GetTimestamp());
        }
    }
}
