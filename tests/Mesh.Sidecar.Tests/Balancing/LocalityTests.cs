using System.Collections.Immutable;
using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Tests.Health;

namespace Mesh.Sidecar.Tests.Balancing;

/// <summary>Seen from region eu, zone a (<see cref="TestCluster"/>).</summary>
public sealed class LocalityTests
{
    private const int Picks = 20_000;

    private static readonly LocalityPolicy Near = new();

    [Fact]
    public void The_nearest_take_all_while_they_are_well()
    {
        var cluster = Of(Near, "eu/a", "eu/a", "eu/b", "us/a");
        Assert.Equal([50, 50, 0, 0], Percents(cluster));
    }

    [Fact]
    public void Zone_comes_before_region_and_region_before_the_rest()
    {
        var cluster = Of(Near, "eu/a", "eu/b", "us/a");
        Fail(cluster, 0);
        Assert.Equal([0, 100, 0], Percents(cluster));
        Fail(cluster, 1);
        Assert.Equal([0, 0, 100], Percents(cluster));
    }

    [Fact]
    public void The_near_keep_all_until_fewer_than_five_in_seven_are_well()
    {
        // 3 of 4: 140 percent of three quarters is more than all of it; 2 of 4: 70 percent, the rest goes on.
        var cluster = Of(Near, "eu/a", "eu/a", "eu/a", "eu/a", "eu/b");
        Fail(cluster, 0);
        Assert.Equal(0, Percents(cluster)[4]);
        Fail(cluster, 1);
        Assert.InRange(Percents(cluster)[4], 28, 32);
    }

    [Fact]
    public void A_region_may_be_named_that_takes_over()
    {
        var cluster = Of(Near with { Failover = [new RegionFailover("eu", "asia")] }, "eu/a", "us/a", "asia/a");
        Fail(cluster, 0);
        Assert.Equal([0, 0, 100], Percents(cluster));
    }

    [Fact]
    public void Shares_may_be_told_by_locality()
    {
        var policy = Near with
        {
            Distribute =
            [
                new LocalityShares { From = "us/*", To = ImmutableSortedDictionary<string, int>.Empty.Add("us/*", 100) },
                new LocalityShares { From = "eu/*", To = ImmutableSortedDictionary<string, int>.Empty.Add("eu/a", 20).Add("eu/*", 30).Add("us", 50) },
            ],
        };
        var shares = Percents(Of(policy, "eu/a", "eu/b", "us/a", "us/b", "asia/a"));

        Assert.InRange(shares[0], 18, 22);
        Assert.InRange(shares[1], 28, 32);
        Assert.InRange(shares[2] + shares[3], 47, 53);
        Assert.Equal(0, shares[4]);
    }

    [Fact]
    public void A_share_whose_members_fail_goes_to_the_others()
    {
        var policy = Near with { Distribute = [new LocalityShares { From = "eu", To = ImmutableSortedDictionary<string, int>.Empty.Add("eu", 80).Add("us", 20) }] };
        var cluster = Of(policy, "eu/a", "us/a");
        Fail(cluster, 0);
        Assert.Equal([0, 100], Percents(cluster));
    }

    [Fact]
    public void Labels_may_say_who_is_near()
    {
        var cluster = new TestCluster(
            ClusterOf(Near with { FailoverPriority = ["version=v2", "topology.kubernetes.io/region"] }),
            Member("10.0.0.1", "eu/a", "v1"), Member("10.0.0.2", "us/a", "v2"), Member("10.0.0.3", "eu/a", "v2"));

        Assert.Equal([0, 0, 100], Percents(cluster));
        Fail(cluster, 2);
        Assert.Equal([0, 100, 0], Percents(cluster));
        Fail(cluster, 1);
        Assert.Equal([100, 0, 0], Percents(cluster)); // a gap in the labels: the region alone counts nothing
    }

    [Fact]
    public void Among_those_alike_in_labels_the_place_decides_where_failover_is_told_too()
    {
        var cluster = new TestCluster(
            ClusterOf(Near with { FailoverPriority = ["version=v2"], Failover = [new RegionFailover("eu", "us")] }),
            Member("10.0.0.1", "asia/a", "v2"), Member("10.0.0.2", "us/a", "v2"), Member("10.0.0.3", "eu/a", "v1"));

        Assert.Equal([0, 100, 0], Percents(cluster));
        Fail(cluster, 1);
        Assert.Equal([100, 0, 0], Percents(cluster));
        Fail(cluster, 0);
        Assert.Equal([0, 0, 100], Percents(cluster));
    }

    [Fact]
    public void Without_preference_all_places_are_alike()
    {
        Assert.All(Percents(Of(Near with { Prefer = false }, "eu/a", "us/a")), share => Assert.InRange(share, 47, 53));
    }

    [Fact]
    public void Nobody_well_anywhere_is_nobody_to_pick()
    {
        var cluster = Of(Near, "eu/a", "us/a");
        foreach (var i in new[] { 0, 1 }) Fail(cluster, i);
        Assert.Null(new EndpointPicker(new Random(1)).Pick(cluster.Cluster, null));
    }

    [Fact]
    public void A_retry_may_go_to_a_farther_place()
    {
        var cluster = Of(Near, "eu/a", "eu/a", "eu/b");
        Fail(cluster, 0); // the near bear 70 percent
        var tried = new TriedEndpoints();
        tried.Add(cluster.Cluster.Pool.Members[1]);

        Assert.Same(cluster[2], new EndpointPicker(new Random(1)).Pick(cluster.Cluster, null, tried)!.State);
    }

    [Fact]
    public void Who_wants_to_leave_a_place_goes_to_the_nearest_other_one()
    {
        var cluster = Of(Near, "eu/a", "eu/a", "us/a", "eu/b", "eu/b");
        Assert.Equal([3, 4], Elsewhere(cluster, 0));
        Assert.Equal([2], Elsewhere(cluster, 0, 3));
        Assert.Empty(Elsewhere(cluster, 0, 3, 2));
        Fail(cluster, 3);
        Assert.Equal([4], Elsewhere(cluster, 1));
        Assert.Empty(Elsewhere(cluster));
    }

    [Fact]
    public void Without_preference_any_other_place_will_do()
    {
        var cluster = Of(Near with { Prefer = false }, "eu/a", "us/a", "eu/a", "asia/a");
        Assert.Equal([1, 3], Elsewhere(cluster, 2));
    }

    // Whom a further try may go to when these were tried.
    private static IEnumerable<int> Elsewhere(TestCluster cluster, params int[] tried)
    {
        var (picker, before) = (new EndpointPicker(new Random(3), cluster.Time), new TriedEndpoints());
        foreach (var i in tried) before.Add(cluster.Cluster.Pool.Members[i]);
        return Enumerable.Range(0, 200).Select(_ => picker.PickElsewhere(cluster.Cluster, before)).OfType<Mesh.Sidecar.Config.CompiledEndpoint>()
            .Select(member => cluster.Cluster.Pool.Members.IndexOf(member)).Distinct().Order();
    }

    private static void Fail(TestCluster cluster, int member)
    {
        Assert.True(cluster[member].Health.SetUnhealthy(true));
        cluster.Cluster.State.ChangeHealth(cluster[member]);
    }

    private static int[] Percents(TestCluster cluster)
    {
        var picker = new EndpointPicker(new Random(3), cluster.Time);
        var counts = new int[cluster.Cluster.Pool.Members.Length];
        for (var i = 0; i < Picks; i++) counts[cluster.Cluster.Pool.Members.IndexOf(picker.Pick(cluster.Cluster, null)!)]++;
        return [.. counts.Select(count => (int)Math.Round(count * 100.0 / Picks))];
    }

    private static Cluster ClusterOf(LocalityPolicy policy) => TestConfig.ClusterOf("", LoadBalancing.RoundRobin) with { Locality = policy };

    private static Mesh.Config.Endpoint Member(string address, string place, string version = "v1")
    {
        var parts = place.Split('/');
        return TestConfig.Member(address, version) with { Region = parts[0], Zone = parts[1] };
    }

    private static TestCluster Of(LocalityPolicy policy, params string[] places) =>
        new(ClusterOf(policy), [.. places.Select((place, i) => Member($"10.0.0.{i + 1}", place))]);
}
