using Microsoft.Extensions.Time.Testing;

namespace Mesh.Operator.Tests;

public sealed class DebounceTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Debounce _debounce;

    public DebounceTests() => _debounce = new Debounce(_time, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500));

    [Fact]
    public async Task A_burst_of_1000_changes_is_one_plan()
    {
        var plans = 0;
        using var stop = new CancellationTokenSource();
        var loop = CountAsync(() => plans++, stop.Token);
        for (var i = 0; i < 1000; i++) _debounce.Signal();
        await PassAsync(49);
        Assert.Equal(0, plans);
        await PassAsync(2);
        Assert.Equal(1, plans);
        await PassAsync(2000);
        Assert.Equal(1, plans);
        await stop.CancelAsync();
        await loop;
    }

    [Fact]
    public async Task A_mesh_that_is_never_quiet_is_planned_after_500_ms()
    {
        var plans = 0;
        using var stop = new CancellationTokenSource();
        var loop = CountAsync(() => plans++, stop.Token);
        for (var i = 0; i < 120; i++)
        {
            _debounce.Signal();
            await PassAsync(10);
        }

        Assert.Equal(2, plans);
        await stop.CancelAsync();
        await loop;
    }

    [Fact]
    public async Task Answers_that_never_cease_do_not_hold_a_change_up()
    {
        _debounce.Signal(aside: true);
        await PassAsync(40);
        _debounce.Signal();
        var wait = _debounce.WaitAsync(CancellationToken.None);
        for (var i = 0; i < 5; i++)
        {
            _debounce.Signal(aside: true);
            await PassAsync(10);
        }

        await wait.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task An_urgent_change_waits_for_nothing()
    {
        _debounce.Signal();
        var wait = _debounce.WaitAsync(CancellationToken.None);
        _debounce.Signal(urgent: true);
        await wait.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task What_comes_after_the_end_of_a_burst_begins_the_next()
    {
        _debounce.Signal(urgent: true);
        await _debounce.WaitAsync(CancellationToken.None);
        var next = _debounce.WaitAsync(CancellationToken.None);
        await PassAsync(1000);
        Assert.False(next.IsCompleted);
        _debounce.Signal();
        await PassAsync(51);
        await next.WaitAsync(TimeSpan.FromSeconds(5));
    }

    private async Task CountAsync(Action plan, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _debounce.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            plan();
        }
    }

    /// <summary>Lets time pass in small steps, and what it wakes run.</summary>
    private async Task PassAsync(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            for (var j = 0; j < 3; j++) await Task.Yield();
            if (i % 16 == 0) await Task.Delay(1);
        }

        await Task.Delay(5);
    }
}
