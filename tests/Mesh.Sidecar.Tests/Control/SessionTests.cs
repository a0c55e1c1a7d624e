using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Control;

/// <summary>Sessions that the operator opens.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private static readonly SidecarConfig Config = new SidecarConfig().WithService("reviews", 9080, AppProtocol.Http, 1);

    private readonly TestAuthority authority = new();
    private readonly ControlledSidecar sidecar;

    public SessionTests() => sidecar = new ControlledSidecar(authority);

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
    public async Task The_sidecar_speaks_first_and_reports_after_the_operators_hello()
    {
        await using var session = await sidecar.DialAsync(WellKnown.SessionName);
        Assert.Equal(sidecar.Sidecar.Identity.Current!.Certificate.RawData, session.Peer.RawData);

        var hello = await session.GreetAsync(epoch: 3);

        Assert.Equal(("uid-1", "default", "web-1"), (hello.PodUid, hello.Namespace, hello.Pod));
        Assert.Null(hello.Token); // the address that was dialled says which pod it is
        var report = await session.ReportAsync(_ => true);
        Assert.Equal(ControlledSidecar.Id, report.Identity!.SpiffeId);
        Assert.True(report.Session is { Connected: true, OpenedBy: "operator", Epoch: 3 });
    }

    [Fact]
    public async Task A_push_is_put_in_force_and_answered()
    {
        await using var session = await sidecar.SessionAsync();

        await session.PushAsync((Config with { Revision = 7 }).ToDocument());

        var report = await session.ReportAsync(report => report.Revision == 7);
        Assert.Equal(sidecar.Sidecar.State.Current!.Config.Manifest.Hash, report.Hash);
        await sidecar.Sidecar.AcceptAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_push_may_leave_out_what_is_in_force()
    {
        await using var session = await sidecar.SessionAsync();
        await session.PushAsync((Config with { Revision = 1 }).ToDocument());
        await session.ReportAsync(report => report.Revision == 1);
        var before = sidecar.Sidecar.State.Current!;

        var next = Config with { Revision = 2, Mesh = Config.Mesh with { ProtocolDetectionTimeout = TimeSpan.FromSeconds(1) } };
        await session.PushAsync(next.ToPush(SectionNames.Mesh));

        await session.ReportAsync(report => report.Revision == 2);
        var after = sidecar.Sidecar.State.Current!;
        Assert.Equal(TimeSpan.FromSeconds(1), after.Mesh.ProtocolDetectionTimeout);
        Assert.Same(before.Config.Outbound, after.Config.Outbound);
        Assert.Same(before.RouteTables["9080"], after.RouteTables["9080"]);
    }

    [Fact]
    public async Task A_push_that_leaves_out_what_is_not_in_force_is_refused_and_names_it()
    {
        await using var session = await sidecar.SessionAsync();

        await session.PushAsync((Config with { Revision = 2 }).ToPush(SectionNames.Mesh));

        var report = await session.ReportAsync(report => report.Refused is not null);
        Assert.Contains(report.Refused!.Problems, problem => problem.Path == SectionNames.Workload && problem.Message.Contains("not in force", StringComparison.Ordinal));
        Assert.Equal(0, report.Revision);
    }

    [Fact]
    public async Task A_refused_push_keeps_the_last_good_config_and_the_session()
    {
        await using var session = await sidecar.SessionAsync();
        await session.PushAsync((Config with { Revision = 1 }).ToDocument());
        await session.ReportAsync(report => report.Revision == 1);

        await session.PushAsync("{ no config"u8.ToArray());
        var report = await session.ReportAsync(report => report.Refused is not null);
        Assert.Equal(1, report.Revision);

        await session.PushAsync((Config with { Revision = 3 }).ToDocument());
        Assert.Null((await session.ReportAsync(report => report.Revision == 3)).Refused);
    }

    [Fact]
    public async Task An_unchanged_push_is_answered_too()
    {
        await using var session = await sidecar.SessionAsync();
        await session.PushAsync((Config with { Revision = 1 }).ToDocument());
        var first = await session.ReportAsync(report => report.Revision == 1);

        await session.PushAsync((Config with { Revision = 1 }).ToDocument());

        Assert.Equal(first.Sequence, (await session.ReportAsync(_ => true)).Sequence);
    }

    [Fact]
    public async Task An_operator_that_means_another_pod_is_refused()
    {
        await using var session = await sidecar.DialAsync(WellKnown.SessionName);
        await session.GreetAsync(podUid: "uid-2");

        Assert.Contains("uid-1", (await session.RefusalAsync()).Reason, StringComparison.Ordinal);
        Assert.Null(await session.NextAsync());
        Assert.False(sidecar.Report.Session is { Connected: true });
    }

    [Fact]
    public async Task A_push_for_another_pod_ends_the_session()
    {
        await using var session = await sidecar.SessionAsync();
        await session.PushAsync(Config.ToDocument(), podUid: "uid-2");

        Assert.Contains("uid-2", (await session.RefusalAsync()).Reason, StringComparison.Ordinal);
        Assert.Null(await session.NextAsync());
        Assert.Null(sidecar.Sidecar.State.Current);
    }

    [Fact]
    public async Task A_lower_term_is_refused_with_the_one_seen_even_after_a_restart()
    {
        await using (await sidecar.SessionAsync(epoch: 5))
        {
        }

        await Refused();
        await sidecar.StopAsync();
        await sidecar.StartAsync();
        await sidecar.Sidecar.Identity.Ready;
        await Refused();

        async Task Refused()
        {
            await using var late = await sidecar.DialAsync(WellKnown.SessionName);
            Assert.Equal(5, (await late.GreetAsync(epoch: 4)).Epoch);
            Assert.Equal(5, (await late.RefusalAsync()).Epoch);
        }
    }

    [Fact]
    public async Task A_session_of_a_later_term_replaces_the_one_that_is_up()
    {
        await using var old = await sidecar.SessionAsync(epoch: 1);
        await using var young = await sidecar.SessionAsync(epoch: 2);

        Assert.Equal(2, (await old.RefusalAsync()).Epoch);
        Assert.Null(await old.NextAsync());
        await young.PushAsync((Config with { Revision = 4 }).ToDocument(), epoch: 2);
        await young.ReportAsync(report => report is { Revision: 4, Session: { Connected: true, Epoch: 2 } });
    }

    [Fact]
    public async Task A_second_session_of_the_same_operator_replaces_the_first_without_blame()
    {
        await using var first = await sidecar.SessionAsync(epoch: 2);
        await using var second = await sidecar.SessionAsync(epoch: 2);

        Assert.Equal(0, (await first.RefusalAsync()).Epoch);
        Assert.Null(await first.NextAsync());
        await second.PushAsync((Config with { Revision = 4 }).ToDocument(), epoch: 2);
        await second.ReportAsync(report => report is { Revision: 4, Session.Connected: true });
    }

    [Fact]
    public async Task A_push_of_an_older_term_than_that_of_another_session_is_refused()
    {
        await using var session = await sidecar.SessionAsync(epoch: 3);
        await session.PushAsync(Config.ToDocument(), epoch: 2);

        Assert.Equal(3, (await session.RefusalAsync()).Epoch);
        Assert.Null(sidecar.Sidecar.State.Current);
    }

    [Fact]
    public async Task The_end_of_a_session_is_reported()
    {
        await using (await sidecar.SessionAsync())
        {
        }

        await Eventually.True(() => sidecar.Report.Session is { Connected: false, OpenedBy: "operator", Failure.Length: > 0 }, "the session's end is told");
    }

    [Fact]
    public async Task An_operator_that_does_not_read_stops_nothing_but_its_own_reports()
    {
        await using var session = await sidecar.SessionAsync();

        // Nothing is read meanwhile: neither the window nor memory may be what ends this.
        for (var revision = 1; revision <= 3000; revision++)
            await session.PushAsync((Config with { Revision = revision }).ToPush(revision == 1 ? [] : [SectionNames.Mesh]));

        await Eventually.True(() => sidecar.Report.Revision == 3000, "every push was taken");
        await session.ReportAsync(report => report.Revision == 3000);
    }

    [Fact]
    public async Task Who_speaks_clear_text_is_told_at_once()
    {
        await using var session = await sidecar.SessionAsync();

        sidecar.Sidecar.ClearTextClients.Seen(new IPEndPoint(IPAddress.Parse("10.0.0.9"), 40000), 8080);

        var report = await session.ReportAsync(report => !report.ClearTextClients.IsEmpty);
        Assert.Equal(("10.0.0.9", 8080, 1), (report.ClearTextClients[0].Address, report.ClearTextClients[0].Port, report.ClearTextClients[0].Connections));
    }

    [Fact]
    public async Task A_large_push_comes_through()
    {
        await using var session = await sidecar.SessionAsync();
        var large = Config with { Revision = 2 };
        for (var i = 0; i < 3000; i++) large = large with { Endpoints = large.Endpoints.Add(new EndpointGroup { Host = SidecarConfig.Fqdn($"s{i}"), Port = 80, Endpoints = [new Endpoint { Address = "10.0.0.1", Port = 80, Pod = new string('p', 200) }] }) };
        Assert.True(large.ToDocument().Length > 1024 * 1024);

        await session.PushAsync(large.ToDocument());

        var report = await session.ReportAsync(report => report.Revision == 2 || report.Refused is not null);
        Assert.Equal(2, report.Revision);
    }
}
