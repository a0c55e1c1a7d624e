namespace Mesh.Operator.Runtime;

/// <summary>
/// Keys waiting for work. A key is there once, however often it is added; a key added while it is worked on comes again
/// afterwards, never at the same time; a failed key comes after its own back-off. Lower priority numbers go first.
/// </summary>
public sealed class KeyedQueue<TKey> : IDisposable where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TKey, (int Priority, long Order)> _ready = new();
    private readonly Dictionary<TKey, int> _dirty = [];
    private readonly HashSet<TKey> _working = [];
    private readonly Dictionary<TKey, Delayed> _delayed = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly SemaphoreSlim _available = new(0);
    private readonly TimeProvider _time;
    private readonly Backoff _backoff;
    private long _order;
    private bool _closed;

    public KeyedQueue(TimeProvider time, Random random, TimeSpan? firstDelay = null, TimeSpan? longestDelay = null)
    {
        _time = time;
        _backoff = new Backoff(firstDelay ?? TimeSpan.FromMilliseconds(50), longestDelay ?? TimeSpan.FromMinutes(1), random);
    }

    /// <summary>Keys that could be worked on now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _dirty.Keys.Count(key => !_working.Contains(key));
        }
    }

    public void Add(TKey key, int priority = 0)
    {
        lock (_lock)
        {
            if (_closed) return;
            if (_delayed.Remove(key, out var delayed)) delayed.Timer.Dispose();
            if (_dirty.TryGetValue(key, out var before) && before <= priority) return;
            _dirty[key] = priority;
            if (_working.Contains(key)) return;
            // An entry of lower rank that is already queued is skipped when it is met (see TakeAsync).
            _ready.Enqueue(key, (priority, _order++));
        }

        _available.Release();
    }

    /// <summary>Adds the key after a time; a sooner addition wins.</summary>
    public void AddAfter(TKey key, TimeSpan delay, int priority = 0)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key, priority);
            return;
        }

        lock (_lock)
        {
            if (_closed || _dirty.ContainsKey(key)) return;
            var due = _time.GetUtcNow() + delay;
            if (_delayed.TryGetValue(key, out var known))
            {
                if (known.Due <= due) return;
                known.Timer.Dispose();
            }

            _delayed[key] = new Delayed(due, _time.CreateTimer(_ => Add(key, priority), null, delay, Timeout.InfiniteTimeSpan));
        }
    }

    /// <summary>Adds the key after its back-off, which doubles with each failure until <see cref="Forget"/>.</summary>
    public TimeSpan AddFailed(TKey key, int priority = 0)
    {
        TimeSpan delay;
        lock (_lock)
        {
            var failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            delay = _backoff.Delay(failures);
        }

        AddAfter(key, delay, priority);
        return delay;
    }

    /// <summary>The key went well: its back-off begins anew next time.</summary>
    public void Forget(TKey key)
    {
        lock (_lock) _failures.Remove(key);
    }

    /// <summary>The next key; it must be given back with <see cref="Done"/>.</summary>
    public async ValueTask<TKey> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _available.WaitAsync(cancellationToken);
            lock (_lock)
            {
                var found = _ready.TryDequeue(out var key, out var rank);
                if (!found || !_dirty.TryGetValue(key!, out var priority) || priority != rank.Priority || _working.Contains(key!)) continue;
                _dirty.Remove(key!);
                _working.Add(key!);
                return key!;
            }
        }
    }

    /// <summary>Takes keys, works on one after the other and gives each back, until cancelled. What goes wrong with a key is its work's to catch.</summary>
    public async Task WorkAsync(Func<TKey, Task> work, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TKey key;
            try
            {
                key = await TakeAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await work(key);
            }
            finally
            {
                Done(key);
            }
        }
    }

    public void Done(TKey key)
    {
        lock (_lock)
        {
            _working.Remove(key);
            if (_closed || !_dirty.TryGetValue(key, out var priority)) return;
            _ready.Enqueue(key, (priority, _order++));
        }

        _available.Release();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var delayed in _delayed.Values) delayed.Timer.Dispose();
            _delayed.Clear();
        }

        _available.Dispose();
    }

    private readonly record struct Delayed(DateTimeOffset Due, ITimer Timer);
}
