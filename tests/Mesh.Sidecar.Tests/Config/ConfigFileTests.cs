using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Sidecar.Tests.Config;

public sealed class ConfigFileTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("mesh-config-").FullName;
    private readonly CancellationTokenSource stopping = new();
    private readonly TestLoader loader = new();
    private readonly StuckClock clock = new();
    private Task running = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        running = new ConfigFile(directory, loader.Loader, clock, NullLogger<ConfigFile>.Instance).RunAsync(stopping.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_swap_of_the_directory_link_is_loaded_at_once()
    {
        SwapAsKubelet(WellKnown.ConfigFile, new TestConfig().Document(1));
        await RevisionIs(1);

        // The clock stands still, so no poll can have helped.
        SwapAsKubelet(WellKnown.ConfigFile, new TestConfig { Mesh = new() { AccessLogFile = "a" } }.Document(2));
        await RevisionIs(2);
        SwapAsKubelet(WellKnown.ConfigFile, new TestConfig { Mesh = new() { AccessLogFile = "b" } }.Document(3));
        await RevisionIs(3);
    }

    [Fact]
    public async Task A_broken_file_keeps_the_last_good_config_and_is_reported()
    {
        SwapAsKubelet(WellKnown.ConfigFile, new TestConfig().Document(1));
        await RevisionIs(1);
        var inForce = loader.State.Current;

        SwapAsKubelet(WellKnown.ConfigFile, "{ \"manifest\": "u8.ToArray());
        await Eventually.True(() => loader.State.Report.Refused is not null, "the refusal is reported");
        Assert.Same(inForce, loader.State.Current);

        SwapAsKubelet(WellKnown.ConfigFile, new TestConfig().Document(2));
        await RevisionIs(2);
        Assert.Null(loader.State.Report.Refused);
    }

    [Fact]
    public async Task A_config_that_outgrew_its_file_is_found_compressed()
    {
        SwapAsKubelet(WellKnown.ConfigFile, new TestConfig().Document(1));
        await RevisionIs(1);

        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(new TestConfig { Mesh = new() { AccessLogFile = "a" } }.Document(2));
        SwapAsKubelet(WellKnown.CompressedConfigFile, packed.ToArray());
        await RevisionIs(2);
    }

    [Fact]
    public async Task A_file_that_goes_away_changes_nothing()
    {
        SwapAsKubelet(WellKnown.ConfigFile, new TestConfig().Document(1));
        await RevisionIs(1);
        SwapAsKubelet("other", []);
        SwapAsKubelet(WellKnown.ConfigFile, new TestConfig().Document(2));
        await RevisionIs(2);
        Assert.Null(loader.State.Report.Refused);
    }

    private void SwapAsKubelet(string name, byte[] content) => KubeletMount.Swap(directory, (name, content));

    private Task RevisionIs(long revision) => Eventually.True(() => loader.State.Report.Revision == revision, $"revision {revision} is in force");

    /// <summary>A clock whose timers never fire.</summary>
    private sealed class StuckClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
