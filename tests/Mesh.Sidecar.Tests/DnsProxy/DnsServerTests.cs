using System.Net;
using System.Net.Sockets;
using DnsClient;
using Mesh.Config;
using Mesh.Sidecar.DnsProxy;
using Mesh.Sidecar.Tests.Hosting;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.DnsProxy;

/// <summary>The pod's name server as a client sees it: a real one, over real sockets.</summary>
public sealed class DnsServerTests
{
    private static readonly string[] Search = ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"];

    private static readonly SidecarConfig Config = new()
    {
        Outbound = new OutboundConfig
        {
            Dns = new DnsTable
            {
                Names =
                [
                    new DnsName { Name = "*.example.com", Addresses = ["240.240.0.9"] },
                    new DnsName { Name = "api.example.com", Addresses = ["240.240.0.1", "2001:db8::1"] },
                    new DnsName { Name = "empty.example.com" },
                    new DnsName { Name = "many.example.com", Addresses = [.. Enumerable.Range(1, 1000).Select(i => $"10.0.{i / 250}.{i % 250}")] },
                    new DnsName { Name = "reviews.default.svc.cluster.local", Addresses = ["10.96.0.2"] },
                ],
            },
        },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("api.example.com", "240.240.0.1")]
    [InlineData("API.Example.Com", "240.240.0.1")]
    [InlineData("other.example.com", "240.240.0.9")]
    [InlineData("a.b.example.com", "240.240.0.9")]
    [InlineData("reviews.default.svc.cluster.local", "10.96.0.2")]
    public async Task A_name_of_the_mesh_is_answered_from_the_table_exact_before_wildcard(string name, string address)
    {
        await using var sidecar = await StartAsync([]);

        foreach (var tcp in new[] { false, true })
        {
            var answer = await Client(sidecar, tcp).QueryAsync(name, QueryType.A, cancellationToken: Cancel);
            Assert.Equal(address, Assert.Single(answer.Answers.ARecords()).Address.ToString());
            Assert.Equal(DnsAnswer.TimeToLive, answer.Answers.ARecords().Single().InitialTimeToLive);
            Assert.Equal(name + ".", Assert.Single(answer.Questions).QueryName.Original);
        }
    }

    [Fact]
    public async Task The_other_family_and_a_name_without_addresses_exist_and_have_no_data()
    {
        await using var sidecar = await StartAsync([]);
        var client = Client(sidecar);

        Assert.Equal("2001:db8::1", Assert.Single((await client.QueryAsync("api.example.com", QueryType.AAAA, cancellationToken: Cancel)).Answers.AaaaRecords()).Address.ToString());
        foreach (var (name, type) in new[] { ("other.example.com", QueryType.AAAA), ("empty.example.com", QueryType.A) })
        {
            var answer = await client.QueryAsync(name, type, cancellationToken: Cancel);
            Assert.Equal(DnsHeaderResponseCode.NoError, answer.Header.ResponseCode);
            Assert.Empty(answer.Answers);
        }
    }

    [Fact]
    public async Task A_name_with_the_pods_search_list_appended_is_an_alias_of_the_name_that_was_meant()
    {
        await using var sidecar = await StartAsync([]);
        var answer = await Client(sidecar).QueryAsync("api.example.com.default.svc.cluster.local", QueryType.A, cancellationToken: Cancel);

        Assert.Equal("api.example.com.", Assert.Single(answer.Answers.CnameRecords()).CanonicalName.Value);
        var address = Assert.Single(answer.Answers.ARecords());
        Assert.Equal("240.240.0.1", address.Address.ToString());
        Assert.Equal("api.example.com.", address.DomainName.Value);
    }

    [Fact]
    public async Task Addresses_are_told_in_turns()
    {
        await using var sidecar = await StartAsync([]);
        var client = Client(sidecar, tcp: true);
        var first = new HashSet<string>();
        for (var i = 0; i < 60; i++) first.Add((await client.QueryAsync("many.example.com", QueryType.A, cancellationToken: Cancel)).Answers.ARecords().First().Address.ToString());

        Assert.Equal(60, first.Count);
    }

    [Fact]
    public async Task What_does_not_fit_a_datagram_is_asked_again_by_TCP()
    {
        await using var sidecar = await StartAsync([]);
        var options = new LookupClientOptions(new IPEndPoint(IPAddress.Loopback, sidecar.Sidecar.DnsPort)) { UseCache = false, Retries = 0, ExtendedDnsBufferSize = 512 };
        options.UseTcpFallback = false;
        Assert.Contains("truncated", (await Assert.ThrowsAsync<DnsResponseException>(() => new LookupClient(options).QueryAsync("many.example.com", QueryType.A, cancellationToken: Cancel))).Message, StringComparison.Ordinal);
        options.UseTcpFallback = true;
        var whole = await new LookupClient(options).QueryAsync("many.example.com", QueryType.A, cancellationToken: Cancel);
        Assert.Equal(1000, whole.Answers.ARecords().Count());
    }

    [Fact]
    public async Task Other_names_and_other_types_are_passed_on_as_they_were_asked_with_a_number_of_our_own()
    {
        await using var others = new FakeNameServer((query, _) => [FakeNameServer.Address(query, "192.0.2.7")]);
        await using var sidecar = await StartAsync([others.EndPoint]);
        var client = Client(sidecar);

        var answer = await client.QueryAsync("WWW.Outside.example", QueryType.A, cancellationToken: Cancel);
        Assert.Equal("192.0.2.7", Assert.Single(answer.Answers.ARecords()).Address.ToString());
        Assert.Equal("WWW.Outside.example.", answer.Questions.Single().QueryName.Original);
        await client.QueryAsync("api.example.com", QueryType.TXT, cancellationToken: Cancel);
        Assert.Equal("192.0.2.7", Assert.Single((await Client(sidecar, tcp: true).QueryAsync("outside.example", QueryType.A, cancellationToken: Cancel)).Answers.ARecords()).Address.ToString());
        for (var i = 0; i < 4; i++) await client.QueryAsync("outside.example", QueryType.A, cancellationToken: Cancel);

        Assert.Equal(7, others.Asked.Count);
        Assert.True(others.Asked.Select(query => (query[0] << 8) | query[1]).Distinct().Count() > 4, "the numbers repeat");
        Assert.Contains("WWW", System.Text.Encoding.Latin1.GetString(others.Asked.First()), StringComparison.Ordinal);
        using var admin = sidecar.ControlClient(0);
        var page = await admin.GetStringAsync("/dns", Cancel);
        Assert.Contains("\"upstream\": 7", page, StringComparison.Ordinal);
        Assert.Contains(others.EndPoint.ToString(), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_with_another_number_or_to_another_question_are_not_believed()
    {
        await using var others = new FakeNameServer((query, _) =>
        {
            var wrongNumber = FakeNameServer.Address(query, "203.0.113.1");
            wrongNumber[1] ^= 1;
            var wrongName = FakeNameServer.Address(query, "203.0.113.2");
            wrongName[13] ^= 1;
            return [wrongNumber, wrongName, [0, 1, 2], FakeNameServer.Address(query, "192.0.2.7")];
        });
        await using var sidecar = await StartAsync([others.EndPoint]);

        Assert.Equal("192.0.2.7", Assert.Single((await Client(sidecar).QueryAsync("outside.example", QueryType.A, cancellationToken: Cancel)).Answers.ARecords()).Address.ToString());
    }

    [Fact]
    public async Task A_server_that_refuses_or_is_not_there_is_passed_over_for_the_next()
    {
        await using var refusing = new FakeNameServer((query, _) => [FakeNameServer.Address(query, "", code: 5)]);
        await using var good = new FakeNameServer((query, _) => [FakeNameServer.Address(query, "192.0.2.7")]);
        await using var sidecar = await StartAsync([new IPEndPoint(IPAddress.Loopback, RawServer.ClosedPort()), refusing.EndPoint, good.EndPoint]);

        Assert.Equal("192.0.2.7", Assert.Single((await Client(sidecar).QueryAsync("outside.example", QueryType.A, cancellationToken: Cancel)).Answers.ARecords()).Address.ToString());
    }

    [Fact]
    public async Task A_name_that_others_do_not_know_stays_unknown()
    {
        await using var others = new FakeNameServer((query, _) => [FakeNameServer.Address(query, "", code: 3)]);
        await using var sidecar = await StartAsync([others.EndPoint]);

        Assert.Equal(DnsHeaderResponseCode.NotExistentDomain, (await Client(sidecar).QueryAsync("outside.example", QueryType.A, cancellationToken: Cancel)).Header.ResponseCode);
    }

    [Fact]
    public async Task Silent_servers_are_asked_twice_each_and_then_the_client_is_told()
    {
        var clock = new FakeTimeProvider();
        await using var silent = new FakeNameServer((_, _) => []);
        await using var sidecar = await StartAsync([silent.EndPoint], clock);
        var asking = Client(sidecar).QueryAsync("outside.example", QueryType.A, cancellationToken: Cancel);
        await Eventually.True(() => silent.Asked.Count == 1, "it is asked");
        clock.Advance(TimeSpan.FromSeconds(2.1));
        await Eventually.True(() => silent.Asked.Count == 2, "it is asked again");
        clock.Advance(TimeSpan.FromSeconds(2.1));

        Assert.Equal(DnsHeaderResponseCode.ServerFailure, (await asking).Header.ResponseCode);
    }

    [Fact]
    public async Task Names_follow_the_config()
    {
        await using var sidecar = await StartAsync([]);
        var dns = new DnsTable { Names = [new DnsName { Name = "api.example.com", Addresses = ["240.240.0.77"] }] };
        sidecar.Apply(Config with { Revision = 2, Outbound = Config.Outbound with { Dns = dns } });

        Assert.Equal("240.240.0.77", Assert.Single((await Client(sidecar).QueryAsync("api.example.com", QueryType.A, cancellationToken: Cancel)).Answers.ARecords()).Address.ToString());
        Assert.Equal(DnsHeaderResponseCode.ServerFailure, (await Client(sidecar).QueryAsync("other.example.com", QueryType.A, cancellationToken: Cancel)).Header.ResponseCode);
    }

    [Fact]
    public async Task Only_the_pod_itself_can_ask()
    {
        await using var sidecar = await StartAsync([]);
        var own = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().SelectMany(device => device.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address).FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(own is null, "this machine has no address but loopback");
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(async () => await client.ConnectAsync(own!, sidecar.Sidecar.DnsPort, Cancel));
    }

    private static async Task<TestSidecar> StartAsync(IPEndPoint[] servers, TimeProvider? time = null) =>
        await TestSidecar.StartAsync(Config, time, resolver: new ResolvConf([.. servers], [.. Search]));

    private static LookupClient Client(TestSidecar sidecar, bool tcp = false) =>
        new(new LookupClientOptions(new IPEndPoint(IPAddress.Loopback, sidecar.Sidecar.DnsPort))
        {
            UseCache = false, UseTcpOnly = tcp, Retries = 0, Timeout = TimeSpan.FromSeconds(20), ThrowDnsErrors = false,
        });
}
