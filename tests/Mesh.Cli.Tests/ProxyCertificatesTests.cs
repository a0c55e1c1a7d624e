using k8s.Models;
using Mesh.Api;
using Mesh.Cli.Commands;
using Mesh.Config;

namespace Mesh.Cli.Tests;

public sealed class ProxyCertificatesTests
{
    private const string Root = "aabbccddeeff00112233";

    private static readonly DateTimeOffset Noon = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly IdentityReport Good = new()
    {
        SpiffeId = "spiffe://cluster.local/ns/default/sa/web",
        Serial = "01AB",
        Issuer = Root,
        NotBefore = Noon.AddHours(-6),
        RenewAt = Noon.AddHours(6),
        NotAfter = Noon.AddHours(18),
        TrustedRoots = [Root],
    };

    [Fact]
    public void A_good_certificate_is_shown_and_is_fine()
    {
        var row = Row(Good);
        Assert.Equal((Good.SpiffeId, "01AB", "", ""), (row.Identity, row.Serial, row.Trouble, row.Remedy));
        var text = new StringWriter();
        CertsCommand.Write([row], text, Noon);
        Assert.Contains("aabbccddeeff ", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("18h", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("in 6h", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Fine, CertsCommand.Complain([row], new StringWriter()));
    }

    [Theory]
    [InlineData("failing", "renewal fails since 5m: token refused")]
    [InlineData("near its end", "near its end: 5h left, to be renewed 7h ago")]
    [InlineData("expired", "expired 1h ago")]
    [InlineData("none", "no certificate yet")]
    [InlineData("none, and why", "no certificate: token refused")]
    [InlineData("foreign", "signed by a root it does not trust itself")]
    public void Trouble_is_told_with_what_to_do_and_ends_with_one(string what, string expected)
    {
        var row = Row(what switch
        {
            "failing" => Good with { FailingSince = Noon.AddMinutes(-5), Failure = "token refused" },
            "near its end" => Good with { RenewAt = Noon.AddHours(-7), NotAfter = Noon.AddHours(5) },
            "expired" => Good with { NotAfter = Noon.AddHours(-1) },
            "none" => new IdentityReport(),
            "none, and why" => new IdentityReport { Failure = "token refused", FailingSince = Noon },
            _ => Good with { Issuer = "other" },
        });
        Assert.Equal(expected, row.Trouble);
        var said = new StringWriter();
        Assert.Equal(ExitCodes.Findings, CertsCommand.Complain([row], said));
        Assert.StartsWith($"mesh: default/web: {expected}. {row.Remedy}", said.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(row.Remedy);
    }

    [Fact]
    public void A_certificate_of_a_minute_is_not_near_its_end_while_it_is_being_renewed() =>
        Assert.Empty(Row(Good with { NotBefore = Noon.AddSeconds(-33), RenewAt = Noon.AddSeconds(-3), NotAfter = Noon.AddSeconds(27) }).Trouble);

    [Fact]
    public void A_proxy_that_says_nothing_and_a_pod_from_before_are_told_of()
    {
        Assert.Equal("no answer", ProxyCertificates.Of(new ProxyReading { Pod = Pod(), Silence = "no answer" }, Noon).Trouble);
        var old = Pod();
        old.Metadata.Labels = null;
        Assert.Contains("rollout restart", ProxyCertificates.Of(new ProxyReading { Pod = old, Report = Report(null) }, Noon).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_on_its_way_is_told_of_below_the_table()
    {
        var text = new StringWriter();
        CertsCommand.Write([Row(Good with { TrustedRoots = [Root, "ffee"] }), Row(Good)], text, Noon);
        Assert.Contains("1 of 2 proxies trust the old and the new one", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_root_is_asked_for_by_the_time_of_asking() =>
        Assert.Equal("""{"metadata":{"annotations":{"mesh.dev/renew-root":"2026-02-01T12:00:00Z"}}}""", RenewRootCommand.Patch(Noon).ToJsonString());

    [Theory]
    [InlineData(45, "45s")]
    [InlineData(200, "3m 20s")]
    [InlineData(7200, "2h")]
    [InlineData(83520, "23h 12m")]
    [InlineData(7772400, "89d 23h")]
    [InlineData(-61, "-1m 1s")]
    public void Lengths_of_time_are_short(int seconds, string expected) => Assert.Equal(expected, ShortTime.Of(TimeSpan.FromSeconds(seconds)));

    private static ProxyCertificate Row(IdentityReport identity) => ProxyCertificates.Of(new ProxyReading { Pod = Pod(), Report = Report(identity) }, Noon);

    private static ProxyReport Report(IdentityReport? identity) => new() { Sequence = 1, Instance = "i", Identity = identity };

    private static V1Pod Pod() => new()
    {
        Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Labels = new Dictionary<string, string> { [MeshLabels.TlsMode] = MeshLabels.TlsModeMutual } },
    };
}
