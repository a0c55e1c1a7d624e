using Microsoft.Extensions.Time.Testing;

namespace Mesh.Operator.Runtime.Tests;

public sealed class KeyedQueueTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly KeyedQueue<string> _queue;

    public KeyedQueueTests() => _queue = new KeyedQueue<string>(_time, new Random(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8));

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task A_key_added_often_comes_once()
    {
        for (var i = 0; i < 1000; i++) _queue.Add("a");
        _queue.Add("b");
        Assert.Equal("a", await TakeAsync());
        Assert.Equal("b", await TakeAsync());
        AssertEmpty();
    }

    [Fact]
    public async Task A_key_added_while_worked_on_comes_again_afterwards()
    {
        _queue.Add("a");
        Assert.Equal("a", await TakeAsync());
        _queue.Add("a");
        AssertEmpty();
        _queue.Done("a");
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task The_lower_number_goes_first()
    {
        _queue.Add("rules", 1);
        _queue.Add("stale", 2);
        _queue.Add("new", 0);
        _queue.Add("stale", 0);
        Assert.Equal("new", await TakeAsync());
        Assert.Equal("stale", await TakeAsync());
        Assert.Equal("rules", await TakeAsync());
        AssertEmpty();
    }

    [Fact]
    public async Task A_delayed_key_comes_when_due_and_the_sooner_wins()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(20));
        _time.Advance(TimeSpan.FromSeconds(4.9));
        AssertEmpty();
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        _time.Advance(TimeSpan.FromMinutes(1));
        AssertEmpty();
    }

    [Fact]
    public async Task An_event_overtakes_the_delay()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.Add("a");
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        _time.Advance(TimeSpan.FromMinutes(1));
        AssertEmpty();
    }

    [Fact]
    public void Back_off_doubles_up_to_its_limit_and_is_forgotten_after_success()
    {
        double[] steps = [1, 2, 4, 8, 8];
        foreach (var step in steps) Assert.InRange(_queue.AddFailed("a").TotalSeconds, step / 2, step);
        Assert.InRange(_queue.AddFailed("other").TotalSeconds, 0.5, 1);
        _queue.Forget("a");
        Assert.InRange(_queue.AddFailed("a").TotalSeconds, 0.5, 1);
    }

    private async Task<string> TakeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        return await _queue.TakeAsync(soon.Token);
    }

    private void AssertEmpty() => Assert.False(_queue.TakeAsync(new CancellationToken(canceled: true)).IsCompletedSuccessfully || _queue.Count > 0);
}
