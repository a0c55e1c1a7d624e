using Mesh.Config;
using Mesh.Config.Control;
using Mesh.Sidecar.Identity;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Control;

/// <summary>How a certificate is got, renewed and kept, by a clock that the test sets.</summary>
public sealed class IdentityTests : IAsyncLifetime
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private readonly DateTimeOffset begin = DateTimeOffset.UtcNow;
    private readonly TestAuthority authority = new();
    private readonly FakeTimeProvider time;
    private readonly ControlledSidecar sidecar;

    public IdentityTests()
    {
        time = new FakeTimeProvider(begin);
        sidecar = new ControlledSidecar(authority) { Time = time };
    }

    private WorkloadIdentity Current => sidecar.Sidecar.Identity.Current!;

    private IdentityReport Report => sidecar.Report.Identity!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await sidecar.DisposeAsync();
        authority.Dispose();
    }

    [Fact]
    public async Task The_first_certificate_is_over_the_key_of_the_handshake_and_proved_by_the_token()
    {
        await sidecar.StartAsync();
        await using var stream = await DialForOrderAsync();

        var (hello, request) = await stream.IssueAsync(authority, ControlledSidecar.Id);

        Assert.Equal(ControlledSidecar.Token, hello.Token);
        Assert.Equal("start", request.Reason);
        await sidecar.ReportedAsync();
        Assert.Equal(ControlledSidecar.Id, Current.Id.ToString());
        Assert.Equal(stream.Peer.PublicKey.ExportSubjectPublicKeyInfo(), Current.Certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(Current.Certificate.SerialNumber, Report.Serial);
        Assert.Equal(Report.TrustedRoots.Single(), Report.Issuer);
    }

    [Fact]
    public async Task The_next_is_asked_for_at_half_of_life_with_a_new_key_and_sessions_live_on()
    {
        await sidecar.StartAsync();
        await sidecar.IssueAsync(until: begin + Life);
        var first = Current;
        Assert.InRange(Report.RenewAt, begin + (Life * 0.44), begin + (Life * 0.56));
        await using var session = await sidecar.SessionAsync();

        time.Advance(Report.RenewAt - time.GetUtcNow() - TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<HttpRequestException>(() => sidecar.DialAsync(WellKnown.IssueName));
        time.Advance(TimeSpan.FromMinutes(2));
        await using var stream = await DialForOrderAsync();
        var (_, request) = await stream.IssueAsync(authority, ControlledSidecar.Id, until: time.GetUtcNow() + Life);

        Assert.Equal("renewal", request.Reason);
        await Eventually.True(() => Current != first, "the new certificate is in force");
        Assert.NotEqual(first.Certificate.PublicKey.ExportSubjectPublicKeyInfo(), Current.Certificate.PublicKey.ExportSubjectPublicKeyInfo());
        await session.PushAsync(new SidecarConfig().ToDocument());
        await session.ReportAsync(report => report.Revision == 1 && report.Identity!.Serial == Current.Certificate.SerialNumber);
    }

    [Fact]
    public async Task In_a_session_that_the_operator_opened_it_is_asked_to_open_an_exchange()
    {
        await sidecar.StartAsync();
        await sidecar.IssueAsync(until: begin + Life);
        await using var session = await sidecar.SessionAsync();

        time.Advance(Report.RenewAt - time.GetUtcNow() + TimeSpan.FromMinutes(1));

        ControlMessage? message;
        do message = await session.NextAsync();
        while (message is { Report: not null });
        Assert.Equal(new Mesh.Config.Control.CertificateRequest { Reason = "renewal" }, message?.CertificateRequest);
    }

    [Fact]
    public async Task A_failure_keeps_the_old_certificate_and_is_told_until_it_is_over()
    {
        await sidecar.StartAsync(address: $"127.0.0.1:{RawServer.ClosedPort()}");
        await sidecar.IssueAsync(until: begin + Life);
        var first = Current;

        time.Advance(Report.RenewAt - time.GetUtcNow() + TimeSpan.FromMinutes(1));
        await FailsAsync("connection refused");

        Assert.Same(first, Current);
        Assert.Contains("NetworkPolicy", Report.Failure, StringComparison.Ordinal);
        Assert.True(Report.FailingSince >= Report.RenewAt);
        var since = Report.FailingSince;
        time.Advance(TimeSpan.FromMinutes(5));
        await using (var stream = await DialForOrderAsync()) await stream.IssueAsync(authority, ControlledSidecar.Id, until: time.GetUtcNow() + Life);
        await Eventually.True(() => Report is { Failure: "", FailingSince: null }, "the failure is over");
        Assert.NotSame(first, Current);
        Assert.NotNull(since);
    }

    [Fact]
    public async Task A_certificate_that_ended_stays_until_there_is_another()
    {
        await sidecar.StartAsync(address: $"127.0.0.1:{RawServer.ClosedPort()}");
        await sidecar.IssueAsync(until: begin + Life);
        time.Advance(Life + TimeSpan.FromHours(1));
        await FailsAsync("connection refused");
        Assert.True(Report.NotAfter < time.GetUtcNow());

        await using var stream = await DialForOrderAsync();
        await stream.IssueAsync(authority, ControlledSidecar.Id, until: time.GetUtcNow() + Life);

        await Eventually.True(() => Report.NotAfter > time.GetUtcNow(), "there is a valid one again");
    }

    [Fact]
    public async Task A_root_that_is_trusted_no_more_is_left_at_once()
    {
        using var next = new TestAuthority();
        await sidecar.StartAsync();
        await sidecar.IssueAsync();
        var old = Report.Issuer;

        authority.WriteTrust(sidecar.Options.TrustDirectory, "", next);
        await Eventually.True(() => Report.TrustedRoots.Length == 2, "both are trusted");
        await Assert.ThrowsAsync<HttpRequestException>(() => sidecar.DialAsync(WellKnown.IssueName)); // the one it has is still good

        next.WriteTrust(sidecar.Options.TrustDirectory);
        await using var stream = await DialForOrderAsync(next);
        var (_, request) = await stream.IssueAsync(next, ControlledSidecar.Id);
        Assert.Equal("root change", request.Reason);
        await Eventually.True(() => Report.Issuer == Report.TrustedRoots.Single() && Report.Issuer != old, "the new root vouches for it");
    }

    [Fact]
    public async Task What_is_issued_is_checked_before_it_is_used()
    {
        using var foreign = new TestAuthority();
        await sidecar.StartAsync();

        await Wrong("not valid here", stream => stream.IssueAsync(foreign, ControlledSidecar.Id));
        await Wrong("this pod is", stream => stream.IssueAsync(authority, TestIdentities.Id("other")));
        await Wrong("not valid here", stream => stream.IssueAsync(authority, ControlledSidecar.Id, begin.AddHours(-2), begin.AddHours(-1)));
        await Wrong("another key", async stream =>
        {
            await stream.NextAsync();
            await stream.NextAsync();
            await stream.SendAsync(new ControlMessage { Certificate = new IssuedCertificate { Chain = authority.Issue(ControlledSidecar.Id).ExportCertificatePem() } });
        });
        await Wrong("holds no certificate", async stream =>
        {
            await stream.NextAsync();
            await stream.NextAsync();
            await stream.SendAsync(new ControlMessage { Certificate = new IssuedCertificate { Chain = "" } });
        });
        Assert.Null(sidecar.Sidecar.Identity.Current);

        async Task Wrong(string why, Func<OperatorStream, Task> answer)
        {
            await using var stream = await DialForOrderAsync();
            await answer(stream);
            Assert.Contains(why, (await stream.RefusalAsync()).Reason, StringComparison.Ordinal);
            await Eventually.True(() => Report.Failure.Contains(why, StringComparison.Ordinal), "the reason is reported");
        }
    }

    [Fact]
    public async Task The_operators_refusal_is_told_as_it_was_said()
    {
        await sidecar.StartAsync();
        await using var stream = await DialForOrderAsync();
        await stream.NextAsync();
        await stream.SendAsync(new ControlMessage { Refusal = new Refusal { Reason = "the token is that of another pod" } });

        await Eventually.True(() => Report.Failure == "the operator refused: the token is that of another pod", "the refusal is reported");
        using var ready = new HttpClient { BaseAddress = new UriBuilder(sidecar.Sidecar.ControlAddresses[2]) { Host = "127.0.0.1" }.Uri };
        using var answer = await ready.GetAsync("/healthz/ready");
        Assert.Contains("Waiting for a certificate: the operator refused: the token is that of another pod", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sidecar_that_is_started_again_goes_on_with_what_it_had()
    {
        await sidecar.StartAsync();
        await sidecar.IssueAsync(until: begin + Life);
        var (serial, renewAt) = (Current.Certificate.SerialNumber, Report.RenewAt);
        await using (var session = await sidecar.SessionAsync())
        {
            await session.PushAsync((new SidecarConfig { Revision = 6 }).ToDocument());
            await session.ReportAsync(report => report.Revision == 6);
        }

        await sidecar.StopAsync();
        time.Advance(TimeSpan.FromHours(2));
        await sidecar.StartAsync();

        await sidecar.Sidecar.AcceptAsync(TestContext.Current.CancellationToken);
        await sidecar.ReportedAsync();
        Assert.Equal(serial, Current.Certificate.SerialNumber);
        Assert.Equal(6, sidecar.Report.Revision);
        Assert.InRange(Report.RenewAt, begin + (Life * 0.44), begin + (Life * 0.56)); // counted from when it came, not from now
        Assert.True(renewAt > begin);
    }

    [Fact]
    public async Task What_was_kept_and_is_good_no_more_is_not_used()
    {
        await sidecar.StartAsync();
        await sidecar.IssueAsync(until: begin + Life);
        await sidecar.StopAsync();

        time.Advance(Life + TimeSpan.FromMinutes(1));
        await sidecar.StartAsync();

        await using var stream = await DialForOrderAsync();
        var (_, request) = await stream.IssueAsync(authority, ControlledSidecar.Id, until: time.GetUtcNow() + Life);
        Assert.Equal("start", request.Reason);
    }

    [Fact]
    public async Task Metrics_and_admin_page_name_the_certificate()
    {
        await sidecar.StartAsync();
        await sidecar.IssueAsync(until: begin + Life);
        using var client = new HttpClient();

        var metrics = await client.GetStringAsync(new Uri(Control(1), "/metrics"));
        Assert.Contains($"mesh_certificate_expiration_timestamp_seconds {new DateTimeOffset(Current.Certificate.NotAfter).ToUnixTimeSeconds()}", metrics, StringComparison.Ordinal);
        Assert.Contains("mesh_certificate_remaining_days 0.99", metrics, StringComparison.Ordinal);
        var page = await client.GetStringAsync(new Uri(Control(0), "/certs"));
        Assert.Contains(Current.Certificate.SerialNumber, page, StringComparison.Ordinal);
        Assert.Contains(ControlledSidecar.Id, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_trust_keeps_the_last_good_one_and_is_told()
    {
        await sidecar.StartAsync();
        var before = sidecar.Sidecar.Identity.Trust;

        await File.WriteAllTextAsync(Path.Combine(sidecar.Options.TrustDirectory, WellKnown.TrustRoots), "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
        await Eventually.True(() => Report.Failure.Contains(WellKnown.TrustRoots, StringComparison.Ordinal), "what is wrong is reported");
        Assert.Same(before, sidecar.Sidecar.Identity.Trust);

        authority.WriteTrust(sidecar.Options.TrustDirectory);
        await Eventually.True(() => Report.Failure.Length == 0, "it is good again");
    }

    [Fact]
    public async Task Without_roots_it_waits_and_says_for_what()
    {
        await sidecar.StartWithoutTrustAsync();
        using var client = new HttpClient();
        await Eventually.True(async () =>
        {
            using var answer = await client.GetAsync(new Uri(Control(2), "/healthz/ready"));
            return (await answer.Content.ReadAsStringAsync()).Contains("Waiting for the mesh's roots", StringComparison.Ordinal);
        }, "it says what it waits for");
        Assert.Equal(0, sidecar.Sidecar.ControlPort);
    }

    private Uri Control(int index) => new UriBuilder(sidecar.Sidecar.ControlAddresses[index]) { Host = "127.0.0.1" }.Uri;

    // The sidecar makes its order a moment after the clock says so.
    private async Task<OperatorStream> DialForOrderAsync(TestAuthority? by = null)
    {
        OperatorStream? stream = null;
        await Eventually.Passes(async () => stream = await sidecar.DialAsync(WellKnown.IssueName, by?.Issue(TestAuthority.Operator)), "the sidecar wants a certificate");
        return stream!;
    }

    private Task FailsAsync(string why) => Eventually.True(() =>
    {
        time.Advance(TimeSpan.FromSeconds(1));
        return Report.Failure.Contains(why, StringComparison.Ordinal);
    }, $"'{why}' is reported");
}
