using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;

namespace Mesh.Sidecar.Tests.Control;

/// <summary>An operator that does not call is called.</summary>
public sealed class DialOutTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private readonly ControlledSidecar sidecar;

    public DialOutTests() => sidecar = new ControlledSidecar(authority);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await sidecar.DisposeAsync();
        authority.Dispose();
    }

    [Fact]
    public async Task Certificate_and_session_are_fetched_with_the_token_and_pushes_come_through()
    {
        await using var @operator = await TestOperator.StartAsync(authority);
        await sidecar.StartAsync(@operator.Address);

        await using (var exchange = await @operator.IssueAsync())
        {
            var (hello, request) = await exchange.IssueAsync(authority, ControlledSidecar.Id, meanwhile: () => sidecar.WriteToken("another-token"));
            Assert.Equal(("uid-1", ControlledSidecar.Token, "start"), (hello.PodUid, hello.Token, request.Reason));
            Assert.Null(await exchange.NextAsync());
        }

        await using var session = await @operator.SessionAsync();
        Assert.Equal(sidecar.Sidecar.Identity.Current!.Certificate.RawData, session.Peer.RawData);
        Assert.Equal("another-token", (await session.GreetAsync(epoch: 2)).Token); // read anew at each use
        await session.ReportAsync(report => report.Session is { Connected: true, OpenedBy: "sidecar", Epoch: 2 });
        await session.PushAsync((new SidecarConfig { Revision = 3 }).ToDocument(), epoch: 2);
        await session.ReportAsync(report => report.Revision == 3);
    }

    [Fact]
    public async Task Nobody_but_the_operator_is_shown_the_token()
    {
        await using var impostor = await TestOperator.StartAsync(authority, TestIdentities.Id("mesh-operator"));
        await sidecar.StartAsync(impostor.Address);

        await Eventually.True(() => sidecar.Report.Identity!.Failure.Contains("the operator is spiffe://cluster.local/ns/mesh-system/sa/mesh-operator", StringComparison.Ordinal), "the impostor is told");
        Assert.False(impostor.WasCalled);
    }

    [Fact]
    public async Task An_operator_that_went_away_is_found_when_it_returns()
    {
        var port = FreePort.Find();
        await sidecar.StartAsync($"localhost:{port}");
        await sidecar.IssueAsync();
        await Eventually.True(() => sidecar.Report.Session is { Connected: false, Failure.Length: > 0 }, "it was tried in vain");
        Assert.Contains("connection refused", sidecar.Report.Session!.Failure, StringComparison.Ordinal);

        await using (var @operator = await TestOperator.StartAsync(authority, port: port))
        {
            await using var session = await @operator.SessionAsync();
            await session.GreetAsync();
            await session.ReportAsync(report => report.Session is { Connected: true });
        }

        await Eventually.True(() => sidecar.Report.Session is { Connected: false }, "the session ended");
        await using var again = await TestOperator.StartAsync(authority, port: port);
        await using var second = await again.SessionAsync();
        await second.GreetAsync();
        await second.ReportAsync(report => report.Session is { Connected: true });
    }

    [Fact]
    public async Task As_long_as_a_session_is_up_nobody_is_called()
    {
        await using var @operator = await TestOperator.StartAsync(authority);
        await sidecar.StartAsync(@operator.Address);
        await sidecar.IssueAsync();
        await using var session = await sidecar.SessionAsync();

        await Task.Delay(TimeSpan.FromSeconds(7));

        Assert.False(@operator.WasCalled);
        Assert.True(sidecar.Report.Session is { Connected: true, OpenedBy: "operator" });
    }
}
