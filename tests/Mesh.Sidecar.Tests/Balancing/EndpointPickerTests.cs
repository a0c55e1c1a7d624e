using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Health;

namespace Mesh.Sidecar.Tests.Balancing;

public sealed class EndpointPickerTests
{
    private const int Picks = 60_000;

    public static TheoryData<LoadBalancing> Algorithms => [LoadBalancing.LeastRequest, LoadBalancing.RoundRobin, LoadBalancing.Random];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Equal_weights_get_equal_shares(LoadBalancing algorithm)
    {
        var counts = Count(ClusterOf(algorithm, 1, 1, 1));
        Assert.All(counts, count => Assert.InRange(count, Picks / 3 * 0.95, Picks / 3 * 1.05));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Unequal_weights_get_shares_by_weight(LoadBalancing algorithm)
    {
        var counts = Count(ClusterOf(algorithm, 1, 2, 3));
        for (var i = 0; i < 3; i++) Assert.InRange(counts[i], Picks / 6.0 * (i + 1) * 0.95, Picks / 6.0 * (i + 1) * 1.05);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_cluster_without_members_has_nothing_to_pick(LoadBalancing algorithm)
    {
        Assert.Null(new EndpointPicker(new Random(1)).Pick(ClusterOf(algorithm), null));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_retry_goes_to_a_member_not_tried_yet(LoadBalancing algorithm)
    {
        var cluster = ClusterOf(algorithm, 1, 100, 100);
        var picker = new EndpointPicker(new Random(5));
        for (var i = 0; i < 1000; i++)
        {
            var tried = new TriedEndpoints();
            var seen = new HashSet<CompiledEndpoint>();
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var member = picker.Pick(cluster, null, tried)!;
                Assert.True(seen.Add(member));
                tried.Add(member);
            }

            // All were tried: any will do.
            Assert.NotNull(picker.Pick(cluster, null, tried));
        }
    }

    [Fact]
    public void Round_robin_takes_turns()
    {
        var cluster = ClusterOf(LoadBalancing.RoundRobin, 1, 1, 1);
        var picker = new EndpointPicker(new Random(5));
        var picks = Enumerable.Range(0, 9).Select(_ => picker.Pick(cluster, null)!).ToArray();
        for (var i = 3; i < 9; i++) Assert.Same(picks[i - 3], picks[i]);
        Assert.Equal(3, picks.Distinct().Count());
    }

    [Fact]
    public void Weighted_round_robin_is_smooth()
    {
        var cluster = ClusterOf(LoadBalancing.RoundRobin, 3, 1, 1);
        var picker = new EndpointPicker(new Random(5));
        var picks = string.Concat(Enumerable.Range(0, 5).Select(_ => "abc"[cluster.Pool.Members.IndexOf(picker.Pick(cluster, null)!)]));

        Assert.Equal(3, picks.Count(c => c == 'a'));
        Assert.DoesNotContain("aaa", picks, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sidecars_do_not_start_with_the_same_member()
    {
        var firsts = Enumerable.Range(0, 50).Select(seed =>
        {
            var cluster = ClusterOf(LoadBalancing.RoundRobin, 1, 1, 1);
            return cluster.Pool.Members.IndexOf(new EndpointPicker(new Random(seed)).Pick(cluster, null)!);
        });

        Assert.Equal(3, firsts.Distinct().Count());
    }

    [Fact]
    public void Least_request_prefers_the_less_busy()
    {
        var cluster = ClusterOf(LoadBalancing.LeastRequest, 1, 1);
        for (var i = 0; i < 10; i++) cluster.Pool.Members[0].State.Begin();
        var picker = new EndpointPicker(new Random(5));

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Same(cluster.Pool.Members[1], picker.Pick(cluster, null)));
    }

    [Fact]
    public void Least_request_with_weights_draws_by_weight_over_active_plus_one()
    {
        var cluster = ClusterOf(LoadBalancing.LeastRequest, 1, 3);
        for (var i = 0; i < 2; i++) cluster.Pool.Members[1].State.Begin(); // 3 / (2 + 1) = 1 / (0 + 1)
        var counts = Count(cluster);

        Assert.InRange(counts[0], Picks / 2 * 0.95, Picks / 2 * 1.05);
    }

    [Fact]
    public void Members_under_way_even_out()
    {
        var cluster = ClusterOf(LoadBalancing.LeastRequest, [.. Enumerable.Repeat(1, 10)]);
        var picker = new EndpointPicker(new Random(5));
        for (var i = 0; i < 1000; i++) picker.Pick(cluster, null)!.State.Begin();

        // Two choices keep the most loaded within a few of the mean of 100; one random choice would stray by 20 and more.
        Assert.All(cluster.Pool.Members, member => Assert.InRange(member.State.Active, 95, 105));
    }

    [Fact]
    public void An_original_destination_is_its_own_member()
    {
        var cluster = new TestConfig().Compile().Passthrough;
        var picker = new EndpointPicker(new Random(1));
        var address = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 443);

        var member = picker.Pick(cluster, address)!;

        Assert.Equal(address, member.Address);
        Assert.Same(member, picker.Pick(cluster, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 443)));
        Assert.Null(picker.Pick(cluster, null));
    }

    [Fact]
    public void Idle_original_destinations_are_forgotten_before_they_become_too_many()
    {
        var destinations = new OriginalDestinations("c");
        var busy = destinations.Get(new IPEndPoint(1, 1));
        busy.State.Begin();
        var idle = destinations.Get(new IPEndPoint(2, 1));
        for (var i = 0; i < 5000; i++) destinations.Get(new IPEndPoint(i + 10, 1));

        Assert.True(destinations.Known.Count() <= 4096);
        Assert.Same(busy, destinations.Get(new IPEndPoint(1, 1)));
        Assert.True(idle.State.Retired.IsCancellationRequested);
        Assert.False(busy.State.Retired.IsCancellationRequested);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Picking_allocates_nothing(LoadBalancing algorithm)
    {
        foreach (var cluster in new[] { ClusterOf(algorithm, 1, 1, 1), ClusterOf(algorithm, 1, 2, 3) })
        {
            var picker = new EndpointPicker(new Random(1));
            picker.Pick(cluster, null);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++) picker.Pick(cluster, null);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Picking_from_many_threads_keeps_the_shares(LoadBalancing algorithm)
    {
        var cluster = ClusterOf(algorithm, 1, 1, 2);
        var picker = new EndpointPicker(Random.Shared);
        var counts = new int[3];
        Parallel.For(0, Picks, _ => Interlocked.Increment(ref counts[cluster.Pool.Members.IndexOf(picker.Pick(cluster, null)!)]));

        Assert.InRange(counts[2], Picks / 2 * 0.93, Picks / 2 * 1.07);
    }

    private static CompiledCluster ClusterOf(LoadBalancing algorithm, params int[] weights)
    {
        var pool = new EndpointPool(
        [
            .. weights.Select((weight, i) =>
            {
                var address = new IPEndPoint(IPAddress.Parse($"10.0.0.{i + 1}"), 9080);
                return new CompiledEndpoint(TestConfig.Member(address.Address.ToString(), "v1", weight), address, new EndpointState("c", address));
            }),
        ]);
        return new CompiledCluster(TestConfig.ClusterOf("v1", algorithm), new ClusterState("c"), () => pool);
    }

    private static int[] Count(CompiledCluster cluster)
    {
        var picker = new EndpointPicker(new Random(42));
        var counts = new int[cluster.Pool.Members.Length];
        for (var i = 0; i < Picks; i++) counts[cluster.Pool.Members.IndexOf(picker.Pick(cluster, null)!)]++;
        return counts;
    }
}
