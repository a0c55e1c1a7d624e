using System.Net;
using System.Net.Sockets;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Sidecar.Tests.Config;

public sealed class DnsPoolsTests
{
    private const string Name = "outbound|80||external.default.svc.cluster.local";

    private static readonly TestConfig External = new()
    {
        Clusters =
        [
            .. new TestConfig().Clusters,
            new ClusterSet
            {
                Host = "external.default.svc.cluster.local",
                Clusters = [new Cluster { Name = Name, Host = "external.default.svc.cluster.local", Port = 80, Discovery = Discovery.Dns, DnsName = "example.com" }],
            },
        ],
    };

    private readonly FakeTimeProvider clock = new();
    private readonly TestLoader loader;
    private int lookups;
    private Func<string, IPAddress[]> answer = _ => [];

    public DnsPoolsTests() => loader = new TestLoader(resolve: Resolve, clock: clock);

    [Fact]
    public void Members_are_what_the_name_resolves_to()
    {
        answer = _ => [IPAddress.Parse("192.0.2.2"), IPAddress.Parse("192.0.2.1")];
        loader.Load(External);

        Assert.Equal(["192.0.2.1:80", "192.0.2.2:80"], Members());
    }

    [Fact]
    public async Task Names_are_looked_up_again_and_members_that_stay_keep_their_state()
    {
        answer = _ => [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")];
        loader.Load(External);
        var (stays, leaves) = (Pool.Members[0], Pool.Members[1]);

        answer = _ => [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.3")];
        await NextLookup(TimeSpan.FromSeconds(5));

        await Eventually.True(() => Members().SequenceEqual(["192.0.2.1:80", "192.0.2.3:80"]), "the new addresses are the members");
        Assert.Same(stays.State, Pool.Members[0].State);
        Assert.True(leaves.State.Retired.IsCancellationRequested);
    }

    [Fact]
    public void A_name_that_never_resolved_leaves_the_pool_empty_and_says_why()
    {
        answer = _ => throw new SocketException((int)SocketError.HostNotFound);
        loader.Load(External);

        Assert.Empty(Pool.Members);
        Assert.Contains("example.com does not resolve", Pool.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_stops_resolving_keeps_its_last_addresses()
    {
        answer = _ => [IPAddress.Parse("192.0.2.1")];
        loader.Load(External);
        answer = _ => throw new SocketException((int)SocketError.TryAgain);
        await NextLookup(TimeSpan.FromSeconds(5));

        Assert.Equal(["192.0.2.1:80"], Members());
    }

    [Fact]
    public async Task A_name_that_failed_is_asked_for_sooner()
    {
        answer = _ => throw new SocketException((int)SocketError.HostNotFound);
        loader.Load(External);
        answer = _ => [IPAddress.Parse("192.0.2.1")];
        await NextLookup(TimeSpan.FromSeconds(1));

        await Eventually.True(() => Members().SequenceEqual(["192.0.2.1:80"]), "the address is the member");
    }

    [Fact]
    public void The_pool_lives_on_in_the_next_snapshot()
    {
        answer = _ => [IPAddress.Parse("192.0.2.1")];
        loader.Load(External, 1);
        var member = Pool.Members.Single();

        loader.Load(External with { Mesh = new() { AccessLogFile = "x" } }, 2);

        Assert.Same(member, Pool.Members.Single());
        Assert.Equal(1, lookups);
        Assert.False(member.State.Retired.IsCancellationRequested);
    }

    [Fact]
    public async Task A_name_no_longer_told_is_no_longer_looked_up()
    {
        answer = _ => [IPAddress.Parse("192.0.2.1")];
        loader.Load(External, 1);
        var member = Pool.Members.Single();

        loader.Load(new TestConfig(), 2);
        await Eventually.True(() => member.State.Retired.IsCancellationRequested, "the member is told that it left");
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, lookups);
    }

    [Fact]
    public void Several_names_and_addresses_make_one_pool()
    {
        answer = name => name == "a.example" ? [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")] : [IPAddress.Parse("192.0.2.3")];
        loader.Load(Named(Discovery.Dns, new() { Address = "a.example", Port = 8080, Weight = 3, Region = "eu" }, new() { Address = "b.example", Port = 81 }, new() { Address = "198.51.100.1", Port = 82 }));

        Assert.Equal(["192.0.2.1:8080", "192.0.2.2:8080", "192.0.2.3:81", "198.51.100.1:82"], Members());
        Assert.Equal((3, "eu"), (Pool.Members[1].Weight, Pool.Members[1].Config.Region));
    }

    [Fact]
    public void One_name_that_fails_leaves_the_others_in_use()
    {
        answer = name => name == "a.example" ? throw new SocketException((int)SocketError.HostNotFound) : [IPAddress.Parse("192.0.2.3")];
        loader.Load(Named(Discovery.Dns, new() { Address = "a.example", Port = 80 }, new() { Address = "b.example", Port = 80 }));

        Assert.Equal(["192.0.2.3:80"], Members());
        Assert.Null(Pool.Failure);
    }

    [Fact]
    public async Task Round_robin_uses_the_first_address_of_the_last_answer()
    {
        answer = _ => [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2")];
        loader.Load(Named(Discovery.DnsRoundRobin, new Mesh.Config.Endpoint { Address = "a.example", Port = 80 }));
        var first = Assert.Single(Pool.Members);
        Assert.Equal("192.0.2.1:80", first.Address.ToString());

        answer = _ => [IPAddress.Parse("192.0.2.2"), IPAddress.Parse("192.0.2.1")];
        await NextLookup(TimeSpan.FromSeconds(5));
        await Eventually.True(() => Members().SequenceEqual(["192.0.2.2:80"]), "the new first address to be used");

        // Connections that were made to the one before are not cut while it is still among the answers.
        Assert.False(first.State.Retired.IsCancellationRequested);
    }

    [Fact]
    public void A_name_of_several_clusters_is_looked_up_once()
    {
        answer = _ => [IPAddress.Parse("192.0.2.1")];
        var config = Named(Discovery.Dns, new Mesh.Config.Endpoint { Address = "a.example", Port = 80 });
        var set = config.Clusters[^1];
        loader.Load(config with { Clusters = [.. config.Clusters[..^1], set with { Clusters = [.. set.Clusters, set.Clusters[0] with { Name = "outbound|80|v1|external.default.svc.cluster.local", Subset = "v1" }] }] });

        Assert.Equal(1, lookups);
    }

    [Fact]
    public void Other_members_are_known_at_once_where_their_names_are()
    {
        answer = _ => [IPAddress.Parse("192.0.2.1")];
        loader.Load(Named(Discovery.Dns, new Mesh.Config.Endpoint { Address = "a.example", Port = 80 }), 1);
        loader.Load(Named(Discovery.Dns, new Mesh.Config.Endpoint { Address = "a.example", Port = 80, Weight = 2 }), 2);

        Assert.Equal(["192.0.2.1:80"], Members());
        Assert.Equal(1, lookups);
    }

    [Fact]
    public async Task A_name_that_goes_on_failing_is_asked_for_ever_more_seldom()
    {
        answer = _ => throw new SocketException((int)SocketError.HostNotFound);
        loader.Load(External);
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 }) await NextLookup(TimeSpan.FromSeconds(seconds));
        var before = lookups;
        clock.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal(before, lookups);
    }

    private static TestConfig Named(Discovery discovery, params Mesh.Config.Endpoint[] members) => External with
    {
        Clusters =
        [
            .. new TestConfig().Clusters,
            new ClusterSet
            {
                Host = "external.default.svc.cluster.local",
                Clusters = [new Cluster { Name = Name, Host = "external.default.svc.cluster.local", Port = 80, Discovery = discovery }],
            },
        ],
        Endpoints = [.. new TestConfig().Endpoints, new EndpointSet { Host = "external.default.svc.cluster.local", Groups = [new EndpointGroup { Host = "external.default.svc.cluster.local", Port = 80, Endpoints = [.. members] }] }],
    };

    private EndpointPool Pool => loader.State.Current!.FindCluster(Name)!.Pool;

    private string[] Members() => [.. Pool.Members.Select(member => $"{member.Address}")];

    private async Task NextLookup(TimeSpan after)
    {
        var before = lookups;
        clock.Advance(after);
        await Eventually.True(() => lookups > before, "the name is looked up again");
    }

    private Task<IPAddress[]> Resolve(string name, CancellationToken cancellation)
    {
        try
        {
            return Task.FromResult(answer(name));
        }
        catch (SocketException failure)
        {
            return Task.FromException<IPAddress[]>(failure);
        }
        finally
        {
            Interlocked.Increment(ref lookups);
        }
    }
}
