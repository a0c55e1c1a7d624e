using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Config;

public sealed class AskedHostsTests
{
    private const string Name = "outbound|80||*.example.com";

    private static readonly TestConfig Wildcard = new()
    {
        Clusters = [.. new TestConfig().Clusters, new ClusterSet { Host = "*.example.com", Clusters = [new Cluster { Name = Name, Host = "*.example.com", Port = 80, Discovery = Discovery.DynamicDns }] }],
    };

    private readonly FakeTimeProvider clock = new();
    private readonly TestLoader loader;
    private readonly Dictionary<string, int> lookups = [];
    private Func<string, IPAddress[]> answer = _ => [IPAddress.Parse("192.0.2.1")];

    public AskedHostsTests()
    {
        loader = new TestLoader(resolve: Resolve, clock: clock);
        loader.Load(Wildcard);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private CompiledCluster Whole => loader.State.Current!.FindCluster(Name)!;

    [Fact]
    public async Task Nothing_is_looked_up_before_somebody_asks_and_then_once()
    {
        Assert.Empty(lookups);

        Assert.Equal(["192.0.2.1:80"], await AskAsync("a.example.com"));
        Assert.Equal(["192.0.2.1:80"], await AskAsync("A.example.com.:8080"));

        Assert.Equal(1, lookups["a.example.com"]);
    }

    [Fact]
    public async Task The_members_of_the_cluster_are_those_of_all_hosts()
    {
        answer = name => [IPAddress.Parse(name[0] == 'a' ? "192.0.2.1" : "192.0.2.2")];

        Assert.Equal(["192.0.2.1:80"], await AskAsync("a.example.com"));
        Assert.Equal(["192.0.2.2:80"], await AskAsync("b.example.com"));

        Assert.Equal(["192.0.2.1:80", "192.0.2.2:80"], Whole.Pool.Members.Select(member => $"{member.Address}"));
    }

    [Fact]
    public async Task A_host_that_is_used_is_looked_up_again()
    {
        await AskAsync("a.example.com");
        answer = _ => [IPAddress.Parse("192.0.2.9")];
        clock.Advance(TimeSpan.FromSeconds(30));

        await Mesh.Testing.Eventually.Passes(async () => Assert.Equal(["192.0.2.9:80"], await AskAsync("a.example.com")), "the new address");
        Assert.Equal(["192.0.2.9:80"], Whole.Pool.Members.Select(member => $"{member.Address}"));
    }

    [Fact]
    public async Task A_host_nobody_asks_for_any_longer_is_forgotten()
    {
        await AskAsync("a.example.com");
        var member = Assert.Single(Whole.Pool.Members);

        clock.Advance(TimeSpan.FromMinutes(6));

        Assert.Empty(Whole.Pool.Members);
        Assert.True(member.State.Retired.IsCancellationRequested);
        Assert.Equal(0, Whole.Hosts!.Count);
    }

    [Fact]
    public async Task A_host_that_is_in_use_is_kept()
    {
        await AskAsync("a.example.com");
        Assert.Single(Whole.Pool.Members).State.Begin();

        clock.Advance(TimeSpan.FromMinutes(6));

        Assert.Single(Whole.Pool.Members);
    }

    [Fact]
    public async Task Of_too_many_hosts_the_one_that_was_not_used_for_longest_goes()
    {
        for (var i = 0; i < 1024; i++)
        {
            await AskAsync($"h{i}.example.com");
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        await AskAsync("h0.example.com");
        Assert.Equal(["192.0.2.1:80"], await AskAsync("one-more.example.com"));

        Assert.Equal(1024, Whole.Hosts!.Count);
        await AskAsync("h0.example.com");
        await AskAsync("h1.example.com");
        Assert.Equal((1, 2), (lookups["h0.example.com"], lookups["h1.example.com"]));
    }

    [Fact]
    public async Task Who_asks_for_a_host_that_failed_a_while_ago_has_it_looked_up()
    {
        answer = _ => throw new SocketException((int)SocketError.HostNotFound);
        Assert.Empty(await AskAsync("a.example.com"));
        answer = _ => [IPAddress.Parse("192.0.2.1")];
        Assert.Empty(await AskAsync("a.example.com"));

        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["192.0.2.1:80"], await AskAsync("a.example.com"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData(".example.com")]
    [InlineData("a.example.org")]
    [InlineData("a b.example.com")]
    [InlineData("192.0.2.1")]
    public async Task What_is_no_host_below_the_wildcard_is_not_looked_up(string authority)
    {
        var found = await Whole.Hosts!.ClusterOfAsync(Whole, authority, Cancel);

        Assert.Empty(found.Pool.Members);
        Assert.NotNull(found.Pool.Failure);
        Assert.Empty(lookups);
    }

    [Fact]
    public async Task Without_the_cluster_its_hosts_are_forgotten()
    {
        await AskAsync("a.example.com");
        var member = Assert.Single(Whole.Pool.Members);

        loader.Load(new TestConfig(), 2);

        Assert.True(member.State.Retired.IsCancellationRequested);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("240.240.1.1", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("ff02::1", true)]
    [InlineData("192.0.2.1", false)]
    [InlineData("2001:db8::1", false)]
    public void Addresses_that_lead_back_are_known(string address, bool leadsBack) => Assert.Equal(leadsBack, OwnAddresses.Contain(IPAddress.Parse(address)));

    private async Task<IEnumerable<string>> AskAsync(string authority) =>
        (await Whole.Hosts!.ClusterOfAsync(Whole, authority, Cancel)).Pool.Members.Select(member => $"{member.Address}");

    private Task<IPAddress[]> Resolve(string name, CancellationToken cancellation)
    {
        lock (lookups) lookups[name] = lookups.GetValueOrDefault(name) + 1;
        try
        {
            return Task.FromResult(answer(name));
        }
        catch (SocketException failure)
        {
            return Task.FromException<IPAddress[]>(failure);
        }
    }
}
