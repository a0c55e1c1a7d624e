using Mesh.Config;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Config;

public sealed class ProxyStateTests
{
    private readonly TestLoader loader = new();
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task A_report_newer_than_asked_for_is_given_at_once()
    {
        loader.Load(new TestConfig());
        var report = await loader.State.ReportAfterAsync(0, TimeSpan.FromSeconds(10), clock, TestContext.Current.CancellationToken);
        Assert.Equal(1, report.Sequence);
    }

    [Fact]
    public async Task A_caller_waits_for_the_next_change()
    {
        var waiting = loader.State.ReportAfterAsync(0, TimeSpan.FromSeconds(10), clock, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        loader.Load(new TestConfig(), 3);

        Assert.Equal(3, (await waiting).Revision);
    }

    [Fact]
    public async Task A_refusal_is_news_too()
    {
        var waiting = loader.State.ReportAfterAsync(0, TimeSpan.FromSeconds(10), clock, TestContext.Current.CancellationToken);
        loader.Loader.Load("{"u8.ToArray());
        Assert.NotNull((await waiting).Refused);
    }

    [Fact]
    public async Task Without_news_the_report_as_it_is_comes_after_the_wait()
    {
        loader.Load(new TestConfig());
        var waiting = loader.State.ReportAfterAsync(1, TimeSpan.FromSeconds(10), clock, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, (await waiting).Sequence);
    }

    [Fact]
    public void Listeners_hear_of_each_swap()
    {
        var seen = new List<long>();
        loader.State.Swapped += snapshot => seen.Add(snapshot.Config.Manifest.Revision);
        loader.Load(new TestConfig(), 1);
        loader.Load(new TestConfig { Mesh = new MeshSettings { AccessLogFile = "x" } }, 2);
        Assert.Equal([1, 2], seen);
    }
}
