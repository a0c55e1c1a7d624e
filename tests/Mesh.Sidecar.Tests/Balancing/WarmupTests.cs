using Mesh.Config;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Tests.Health;

namespace Mesh.Sidecar.Tests.Balancing;

public sealed class WarmupTests
{
    private const int Picks = 20_000;

    private static readonly Warmup Minute = new() { Duration = TimeSpan.FromMinutes(1) };

    [Theory]
    [InlineData(LoadBalancing.RoundRobin)]
    [InlineData(LoadBalancing.LeastRequest)]
    public void A_new_member_begins_with_a_tenth_and_has_its_whole_share_in_the_end(LoadBalancing algorithm)
    {
        var cluster = WithNewMember(algorithm, Minute);
        var at = new List<double> { ShareOfNew(cluster) };
        foreach (var seconds in new[] { 30, 30 })
        {
            cluster.Time.Advance(TimeSpan.FromSeconds(seconds));
            at.Add(ShareOfNew(cluster));
        }

        Assert.InRange(at[0], 0.02, 0.08); // 0.1 / 2.1
        Assert.InRange(at[1], 0.15, 0.25); // 0.5 / 2.5
        Assert.InRange(at[2], 0.32, 0.35);
    }

    [Fact]
    public void Aggression_bends_the_way_up()
    {
        var gentle = WithNewMember(LoadBalancing.RoundRobin, Minute with { Aggression = 0.5 });
        var steep = WithNewMember(LoadBalancing.RoundRobin, Minute with { Aggression = 2 });
        foreach (var cluster in new[] { gentle, steep }) cluster.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.InRange(ShareOfNew(gentle), 0.08, 0.14); // 0.25 / 2.25
        Assert.InRange(ShareOfNew(steep), 0.23, 0.29); // 0.71 / 2.71
    }

    [Fact]
    public void Where_all_are_new_all_are_used_alike()
    {
        var cluster = new TestCluster(TestConfig.ClusterOf("", LoadBalancing.RoundRobin) with { Warmup = Minute }, Member(1), Member(2));
        Assert.InRange(ShareOfNew(cluster), 0.47, 0.53);
    }

    private static TestCluster WithNewMember(LoadBalancing algorithm, Warmup warmup)
    {
        var cluster = new TestCluster(TestConfig.ClusterOf("", algorithm) with { Warmup = warmup }, Member(1), Member(2));
        cluster.Time.Advance(TimeSpan.FromHours(1));
        cluster.Become(Member(1), Member(2), Member(3));
        return cluster;
    }

    private static double ShareOfNew(TestCluster cluster)
    {
        var picker = new EndpointPicker(new Random(11), cluster.Time);
        var last = cluster.Cluster.Pool.Members[^1];
        return Enumerable.Range(0, Picks).Count(_ => picker.Pick(cluster.Cluster, null) == last) / (double)Picks;
    }

    private static Mesh.Config.Endpoint Member(int number) => TestConfig.Member($"10.0.0.{number}", "v1");
}
