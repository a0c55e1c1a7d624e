using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Control;

/// <summary>The mounted record against what was pushed.</summary>
public sealed class FileAndPushTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private readonly ControlledSidecar sidecar;

    public FileAndPushTests() => sidecar = new ControlledSidecar(authority);

    public async ValueTask InitializeAsync()
    {
        await sidecar.StartAsync();
        await sidecar.IssueAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await sidecar.DisposeAsync();
        authority.Dispose();
    }

    [Fact]
    public async Task A_file_that_is_older_than_what_was_pushed_is_ignored_and_no_refusal()
    {
        await PushAsync(5);
        await ReadAsync(4);
        Assert.Equal(5, sidecar.Report.Revision);
        Assert.Null(sidecar.Report.Refused);
    }

    [Fact]
    public async Task A_newer_file_has_its_turn_once_there_is_no_session()
    {
        await using (var session = await sidecar.SessionAsync())
        {
            await session.PushAsync(Config(5).ToDocument());
            await session.ReportAsync(report => report.Revision == 5);
            await ReadAsync(6);
            Assert.Equal(5, sidecar.Report.Revision);
        }

        await Eventually.True(() => sidecar.Report.Revision == 6, "the file is taken");
    }

    [Fact]
    public async Task At_the_start_the_higher_of_what_was_kept_and_mounted_counts()
    {
        await PushAsync(5);
        sidecar.WriteFile(Config(4).ToDocument());
        await RestartAsync();
        Assert.Equal(5, sidecar.Report.Revision);

        await sidecar.StopAsync();
        sidecar.WriteFile(Config(9).ToDocument());
        await sidecar.StartAsync();
        await Eventually.True(() => sidecar.Report.Revision == 9, "the file is newer");
    }

    [Fact]
    public async Task What_was_pushed_in_parts_is_kept_as_a_whole()
    {
        var full = Config(1).WithService("reviews", 9080, AppProtocol.Http, 1);
        await using (var session = await sidecar.SessionAsync())
        {
            await session.PushAsync(full.ToDocument());
            await session.ReportAsync(report => report.Revision == 1);
            foreach (var revision in new[] { 2, 3, 4 }) await session.PushAsync((full with { Revision = revision, Mesh = Config(revision).Mesh }).ToPush(SectionNames.Mesh));
            await session.ReportAsync(report => report.Revision == 4);
        }

        await RestartAsync();

        Assert.Equal(4, sidecar.Report.Revision);
        Assert.Equal(TimeSpan.FromSeconds(4), sidecar.Sidecar.State.Current!.Mesh.ProtocolDetectionTimeout);
        Assert.Contains("9080", sidecar.Sidecar.State.Current.RouteTables.Keys);
    }

    [Fact]
    public async Task A_kept_config_that_is_broken_is_no_obstacle()
    {
        await PushAsync(5);
        await sidecar.StopAsync();
        await File.WriteAllBytesAsync(Path.Combine(sidecar.Options.DataDirectory, KeptConfig.FileName), [0x1f, 0x8b, 1, 2, 3]);
        sidecar.WriteFile(Config(4).ToDocument());

        await sidecar.StartAsync();

        await Eventually.True(() => sidecar.Report.Revision == 4, "the file is taken");
        Assert.Null(sidecar.Report.Refused);
    }

    private static SidecarConfig Config(int revision) => new()
    {
        Revision = revision,
        Mesh = new MeshSettings { AccessLogFile = "/dev/null", ProtocolDetectionTimeout = TimeSpan.FromSeconds(revision) },
    };

    private async Task PushAsync(int revision)
    {
        await using var session = await sidecar.SessionAsync();
        await session.PushAsync(Config(revision).ToDocument());
        await session.ReportAsync(report => report.Revision == revision);
    }

    private async Task RestartAsync()
    {
        await sidecar.StopAsync();
        await sidecar.StartAsync();
        await sidecar.Sidecar.AcceptAsync(TestContext.Current.CancellationToken);
    }

    // Written, and looked at by the sidecar's next poll at the latest.
    private async Task ReadAsync(int revision)
    {
        sidecar.WriteFile(Config(revision).ToDocument());
        await Task.Delay(DirectoryWatch.PollInterval + TimeSpan.FromSeconds(1));
    }
}
