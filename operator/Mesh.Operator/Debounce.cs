namespace Mesh.Operator;

/// <summary>
/// Gathers a burst of signals into one: over when it was quiet for a while, at the latest after a longer while (a mesh that
/// is never quiet must still be planned), and at once on an urgent signal. What is signalled aside (answers of proxies) makes
/// bursts of its own: a thousand acknowledgements of one config must not hold the next one up.
/// </summary>
public sealed class Debounce(TimeProvider time, TimeSpan quiet, TimeSpan longest)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _signalled;
    private bool _urgent;
    private Burst? _main;
    private Burst? _aside;

    public void Signal(bool urgent = false, bool aside = false)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            ref var burst = ref aside ? ref _aside : ref _main;
            var wakes = burst is null || (urgent && !_urgent);
            burst = new Burst(burst?.First ?? now, now);
            _signalled = true;
            _urgent |= urgent;
            // While the burst goes on nobody need be woken: the waiter looks at the clock when its time is over.
            if (wakes) _change.TrySetResult();
        }
    }

    /// <summary>Waits for the end of a burst and takes it: what is signalled from then on begins the next.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            TimeSpan rest;
            lock (_lock)
            {
                rest = !_signalled ? Timeout.InfiniteTimeSpan : _urgent ? TimeSpan.Zero : Rest();
                if (_signalled && rest <= TimeSpan.Zero)
                {
                    _signalled = _urgent = false;
                    _main = _aside = null;
                    return;
                }

                if (_change.Task.IsCompleted) _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _change.Task;
            }

            try
            {
                await changed.WaitAsync(rest, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The quiet may be over: look again.
            }
        }
    }

    private TimeSpan Rest()
    {
        var (main, aside) = (Rest(_main), Rest(_aside));
        return main < aside ? main : aside;
    }

    private TimeSpan Rest(Burst? burst)
    {
        if (burst is not { } one) return TimeSpan.MaxValue;
        var (sinceLast, sinceFirst) = (time.GetElapsedTime(one.Last), time.GetElapsedTime(one.First));
        return quiet - sinceLast < longest - sinceFirst ? quiet - sinceLast : longest - sinceFirst;
    }

    private readonly record struct Burst(long First, long Last);
}
