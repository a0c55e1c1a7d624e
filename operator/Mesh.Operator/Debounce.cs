namespace Mesh.Operator;

/// <summary>
/// Gathers a burst of signals into one: over when it was quiet for a while, at the latest after a longer while (a mesh that
/// is never quiet must still be planned), and at once on an urgent signal.
/// </summary>
public sealed class Debounce(TimeProvider time, TimeSpan quiet, TimeSpan longest)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _signalled;
    private bool _urgent;
    private long _first;
    private long _last;

    public void Signal(bool urgent = false)
    {
        lock (_lock)
        {
            _last = time.GetTimestamp();
            if (!_signalled) _first = _last;
            var wakes = !_signalled || (urgent && !_urgent);
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
        var (sinceLast, sinceFirst) = (time.GetElapsedTime(_last), time.GetElapsedTime(_first));
        return quiet - sinceLast < longest - sinceFirst ? quiet - sinceLast : longest - sinceFirst;
    }
}
