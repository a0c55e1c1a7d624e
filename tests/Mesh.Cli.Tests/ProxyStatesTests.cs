using System.Text;
using k8s.Models;
using Mesh.Api;
using Mesh.Cli.Commands;
using Mesh.Config;

namespace Mesh.Cli.Tests;

public sealed class ProxyStatesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly V1Pod Pod = new() { Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default" } };

    [Fact]
    public void A_proxy_that_holds_the_record_s_hash_is_in_sync()
    {
        var state = Compare(Record(3, "abc"), Report(3, "abc"), null);
        Assert.True(state.InSync);
        Assert.Equal((3L, 3L, ""), (state.Held, state.Wanted, state.Why));
    }

    [Fact]
    public void One_that_is_behind_says_so() =>
        Assert.Equal("has not loaded the newest revision yet", Compare(Record(4, "def"), Report(3, "abc"), null).Why);

    [Fact]
    public void One_that_was_pushed_more_than_is_recorded_is_in_sync_while_its_session_is_up()
    {
        var ahead = Report(5, "new") with { Session = new SessionReport { Connected = true, OpenedBy = "operator", Since = Noon } };
        Assert.True(Compare(Record(4, "old"), ahead, null).InSync);
        Assert.False(Compare(Record(6, "newest"), ahead, null).InSync);
        Assert.Equal("holds a newer revision than the record", Compare(Record(4, "old"), ahead with { Session = new SessionReport { Failure = "refused" } }, null).Why);
    }

    [Fact]
    public void One_that_refused_says_what_and_why()
    {
        var report = Report(3, "abc") with { Refused = new RefusedConfig { Revision = 4, Hash = "def", Problems = [new ConfigProblem("routes/80", "is wrong")] } };
        var state = Compare(Record(4, "def"), report, null);
        Assert.False(state.InSync);
        Assert.Equal("revision 4 was refused: routes/80: is wrong", state.Why);
    }

    [Fact]
    public void One_that_is_silent_or_has_no_record_says_so()
    {
        Assert.Equal("no answer", Compare(Record(1, "a"), null, "no answer").Why);
        Assert.Equal("the operator has written no config yet", Compare(null, Report(0, ""), null).Why);
    }

    [Theory]
    [InlineData(true, "operator", "", "by operator, 3m 20s")]
    [InlineData(false, "sidecar", "connection refused", "none: connection refused")]
    [InlineData(false, "", "", "none yet")]
    public void The_session_tells_who_opened_it_and_since_when_or_why_there_is_none(bool connected, string by, string failure, string expected) =>
        Assert.Equal(expected, StatusCommand.Session(new SessionReport { Connected = connected, OpenedBy = by, Failure = failure, Since = Noon.AddSeconds(-200) }, Noon));

    [Fact]
    public void What_the_application_takes_is_read_from_the_record()
    {
        var sections = new[] { Section.Of(new InboundConfig { MutualTls = MutualTlsMode.Strict, MutualTlsByPort = [new PortMutualTls(9081, MutualTlsMode.Disable)] }), Section.Of(new WorkloadConfig { Namespace = "default", Pod = "p", Workload = "p" }), Section.Of(new MeshSettings()), Section.Of(new OutboundConfig()) };
        var document = ConfigDocument.Write(ConfigDocument.ManifestOf([.. sections.OrderBy(section => section.Name, StringComparer.Ordinal)], 1, ""), [.. sections.OrderBy(section => section.Name, StringComparer.Ordinal)]);
        var record = Record(1, "a");
        record.Data = new Dictionary<string, string> { [WellKnown.ConfigFile] = Encoding.UTF8.GetString(document) };
        var state = Compare(record, Report(1, "a"), null);
        Assert.Equal(("strict", "9081 disable"), (state.MutualTls, Assert.Single(state.MutualTlsByPort)));
    }

    [Fact]
    public void Callers_in_clear_text_are_named_and_those_of_an_hour_ago_forgotten()
    {
        var report = Report(1, "a") with
        {
            ClearTextClients = [new ClearTextClient("10.1.0.9", 8080, 12, Noon.AddMinutes(-19)), new ClearTextClient("192.0.2.1", 8080, 1, Noon.AddMinutes(-1)), new ClearTextClient("192.0.2.2", 8080, 1, Noon.AddMinutes(-60))],
        };
        var legacy = new V1Pod { Metadata = new V1ObjectMeta { Name = "legacy", NamespaceProperty = "old" }, Status = new V1PodStatus { PodIP = "10.1.0.9", PodIPs = [new V1PodIP { Ip = "10.1.0.9" }] } };
        var state = Assert.Single(ProxyStates.Of(new ProxyReadings { Proxies = [new ProxyReading { Pod = Pod, Record = ProxyRecord.Of(Record(1, "a")), Report = report }], PodsByAddress = ProxyReader.PodsByAddress([legacy]) }, Noon));
        Assert.Equal(["192.0.2.1 -> default/p :8080 (1 connection, last 11:59Z)", "old/legacy -> default/p :8080 (12 connections, last 11:41Z)"], state.ClearTextClients);
        var text = new StringWriter();
        StatusCommand.Write([state], text, Noon);
        Assert.Contains("old/legacy -> default/p :8080", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("2 clients", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Members_left_out_of_balancing_are_told_with_why()
    {
        var report = Report(1, "a") with
        {
            Members =
            [
                new MemberReport { Cluster = "outbound|80||b", Address = "10.1.0.9:80", Pod = "b-1", Condition = MemberCondition.Ejected, Reason = "failed 5 times in a row", Since = Noon, Until = Noon.AddSeconds(30) },
                new MemberReport { Cluster = "outbound|80||b", Address = "10.1.0.8:80", Condition = MemberCondition.Unhealthy, Reason = "GET / answered 503", Since = Noon },
            ],
        };
        var state = Compare(Record(1, "a"), report, null);
        Assert.Equal(
            ["outbound|80||b 10.1.0.9:80 (b-1) ejected until 12:00:30Z: failed 5 times in a row", "outbound|80||b 10.1.0.8:80 unhealthy: GET / answered 503"],
            state.LeftOut);
        var text = new StringWriter();
        StatusCommand.Write([state], text, Noon);
        Assert.Contains("2 members", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("by default/p: outbound|80||b 10.1.0.8:80 unhealthy: GET / answered 503", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_two_pods_share_names_neither()
    {
        static V1Pod On(string name) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "kube-system" }, Status = new V1PodStatus { PodIP = "192.0.2.1" } };
        Assert.Empty(ProxyReader.PodsByAddress([On("a"), On("b")]));
    }

    private static ProxyState Compare(V1ConfigMap? record, ProxyReport? report, string? silence) =>
        ProxyStates.Compare(new ProxyReading { Pod = Pod, Record = record is null ? null : ProxyRecord.Of(record), Report = report, Silence = silence });

    private static V1ConfigMap Record(long revision, string hash) => new()
    {
        Metadata = new V1ObjectMeta { Annotations = new Dictionary<string, string> { [MeshLabels.RecordRevision] = $"{revision}", [MeshLabels.Hash] = hash } },
    };

    private static ProxyReport Report(long revision, string hash) => new() { Sequence = 1, Instance = "i", Revision = revision, Hash = hash };
}
