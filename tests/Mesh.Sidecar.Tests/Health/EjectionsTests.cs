using Mesh.Config;
using Mesh.Sidecar.Balancing;

namespace Mesh.Sidecar.Tests.Health;

public sealed class EjectionsTests
{
    private static readonly OutlierDetection Whole = new() { MaxEjectionPercent = 100 };

    [Fact]
    public void Five_errors_in_a_row_eject()
    {
        var cluster = TestCluster.Of(Whole, 3);
        cluster.Answer(0, 500, times: 4);
        Assert.False(cluster[0].Health.IsEjected);
        cluster.Answer(0, 503);

        Assert.True(cluster[0].Health.IsEjected);
        Assert.Equal("failed 5 times in a row, last it answered 503", cluster[0].Health.Ejection!.Reason);
        Assert.Same(cluster[0], Assert.Single(cluster.Changed));
    }

    [Fact]
    public void One_success_breaks_the_row()
    {
        var cluster = TestCluster.Of(Whole, 3);
        cluster.Answer(0, 500, times: 4);
        cluster.Answer(0, 404);
        cluster.Answer(0, 500, times: 4);

        Assert.False(cluster[0].Health.IsEjected);
    }

    [Fact]
    public void Zero_switches_the_rule_off()
    {
        var cluster = TestCluster.Of(Whole with { Consecutive5xx = 0 }, 3);
        cluster.Answer(0, 500, times: 100);

        Assert.False(cluster[0].Health.IsEjected);
    }

    [Theory]
    [InlineData(502, true)]
    [InlineData(503, true)]
    [InlineData(504, true)]
    [InlineData(500, false)]
    public void Gateway_errors_are_502_to_504(int status, bool ejects)
    {
        var cluster = TestCluster.Of(Whole with { Consecutive5xx = 0, ConsecutiveGatewayErrors = 2 }, 3);
        cluster.Answer(0, status, times: 3);

        Assert.Equal(ejects, cluster[0].Health.IsEjected);
    }

    [Fact]
    public void Codes_may_be_named_that_count_in_place_of_5xx()
    {
        var cluster = TestCluster.Of(Whole with { Consecutive5xx = 2, ErrorCodes = [429] }, 3);
        cluster.Answer(0, 429, times: 2);
        cluster.Answer(1, 500, times: 9);

        Assert.True(cluster[0].Health.IsEjected);
        Assert.False(cluster[1].Health.IsEjected);
    }

    [Fact]
    public void Failed_connections_count_as_5xx()
    {
        var cluster = TestCluster.Of(Whole, 3);
        cluster.Fail(0, times: 3);
        cluster.Answer(0, 500, times: 2);

        Assert.True(cluster[0].Health.IsEjected);
    }

    [Fact]
    public void Failed_connections_count_apart_where_told_so()
    {
        var cluster = TestCluster.Of(Whole with { SplitLocalOriginErrors = true, ConsecutiveLocalOriginFailures = 3, Consecutive5xx = 1 }, 3);
        cluster.Fail(0, times: 2);
        Assert.False(cluster[0].Health.IsEjected);
        cluster.Fail(0);

        Assert.True(cluster[0].Health.IsEjected);
    }

    [Fact]
    public void An_opaque_connection_that_comes_about_breaks_the_row()
    {
        var cluster = TestCluster.Of(Whole, 3);
        cluster.Fail(0, times: 4);
        cluster.Cluster.State.Ejections.Connected(cluster[0]);
        cluster.Fail(0, times: 4);

        Assert.False(cluster[0].Health.IsEjected);
    }

    [Fact]
    public void The_ejected_come_back_after_their_time()
    {
        var cluster = TestCluster.Of(Whole, 3);
        cluster.Answer(0, 500, times: 5);
        cluster.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(cluster[0].Health.IsEjected);
        cluster.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(cluster[0].Health.IsEjected);
        Assert.Equal(2, cluster.Changed.Count);
        cluster.Answer(0, 500, times: 4);
        Assert.False(cluster[0].Health.IsEjected);
    }

    [Fact]
    public void Each_ejection_lasts_longer_and_quiet_intervals_forgive()
    {
        var cluster = TestCluster.Of(Whole, 3);
        cluster.Answer(0, 500, times: 5);
        cluster.Time.Advance(TimeSpan.FromSeconds(30));
        cluster.Answer(0, 500, times: 5);
        cluster.Time.Advance(TimeSpan.FromSeconds(50));
        Assert.True(cluster[0].Health.IsEjected);
        cluster.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(cluster[0].Health.IsEjected);

        // Two in a row; two quiet intervals later none.
        cluster.Time.Advance(TimeSpan.FromSeconds(20));
        cluster.Answer(0, 500, times: 5);
        cluster.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(cluster[0].Health.IsEjected);
    }

    [Fact]
    public void No_ejection_lasts_longer_than_the_longest()
    {
        var cluster = TestCluster.Of(Whole with { BaseEjectionTime = TimeSpan.FromSeconds(100), MaxEjectionTime = TimeSpan.FromSeconds(150) }, 3);
        for (var i = 0; i < 4; i++)
        {
            cluster.Answer(0, 500, times: 5);
            Assert.True(cluster[0].Health.Ejection!.Until - cluster.Time.GetUtcNow() <= TimeSpan.FromSeconds(150));
            cluster.Time.Advance(TimeSpan.FromSeconds(150));
            Assert.False(cluster[0].Health.IsEjected);
        }
    }

    [Fact]
    public void A_base_above_the_longest_holds()
    {
        var cluster = TestCluster.Of(Whole with { BaseEjectionTime = TimeSpan.FromMinutes(10) }, 2);
        cluster.Answer(0, 500, times: 5);

        Assert.Equal(TimeSpan.FromMinutes(10), cluster[0].Health.Ejection!.Until - cluster[0].Health.Ejection!.Since);
    }

    [Fact]
    public void One_of_a_small_pool_may_always_be_ejected()
    {
        var cluster = TestCluster.Of(new OutlierDetection(), 3);
        cluster.Answer(0, 500, times: 5);
        cluster.Answer(1, 500, times: 5);

        Assert.True(cluster[0].Health.IsEjected);
        Assert.False(cluster[1].Health.IsEjected); // two of three are more than 10 percent
        Assert.Equal(1, cluster.Cluster.State.Ejections.Refused);
    }

    [Fact]
    public void No_more_than_the_share_told_is_ejected()
    {
        var cluster = TestCluster.Of(new OutlierDetection { MaxEjectionPercent = 30 }, 10);
        for (var i = 0; i < 10; i++) cluster.Answer(i, 500, times: 5);

        Assert.Equal(3, Enumerable.Range(0, 10).Count(i => cluster[i].Health.IsEjected));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void The_last_that_is_left_is_never_ejected(int members)
    {
        var cluster = TestCluster.Of(Whole, members);
        for (var i = 0; i < members; i++) cluster.Answer(i, 500, times: 50);

        Assert.Equal(members - 1, Enumerable.Range(0, members).Count(i => cluster[i].Health.IsEjected));
    }

    [Fact]
    public void The_ejected_are_not_picked_and_the_returned_are()
    {
        var cluster = TestCluster.Of(Whole, 3);
        var picker = new EndpointPicker(new Random(1), cluster.Time);
        cluster.Answer(0, 500, times: 5);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.NotSame(cluster[0], picker.Pick(cluster.Cluster, null)!.State));
        cluster.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Contains(Enumerable.Range(0, 100), _ => ReferenceEquals(cluster[0], picker.Pick(cluster.Cluster, null)!.State));
    }

    [Fact]
    public void Picking_with_somebody_ejected_allocates_nothing()
    {
        var cluster = TestCluster.Of(Whole, 3);
        cluster.Answer(0, 500, times: 5);
        var picker = new EndpointPicker(new Random(1), cluster.Time);
        picker.Pick(cluster.Cluster, null);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) picker.Pick(cluster.Cluster, null);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Below_the_least_healthy_share_all_are_used()
    {
        var cluster = TestCluster.Of(Whole with { MinHealthPercent = 50 }, 4);
        var picker = new EndpointPicker(new Random(1), cluster.Time);
        for (var i = 0; i < 2; i++) cluster.Answer(i, 500, times: 5);
        Assert.False(cluster.Cluster.Balanced.IsPanic); // just half are left
        cluster.Answer(2, 500, times: 5);

        Assert.True(cluster.Cluster.Balanced.IsPanic);
        Assert.Equal(4, Enumerable.Range(0, 100).Select(_ => picker.Pick(cluster.Cluster, null)).Distinct().Count());
    }

    [Fact]
    public void Everybody_comes_back_when_the_rule_goes()
    {
        var cluster = TestCluster.Of(Whole, 3);
        cluster.Answer(0, 500, times: 5);
        cluster.Cluster.State.Ejections.Obey(null, cluster.Cluster.PoolSource, cluster.Time);

        Assert.False(cluster[0].Health.IsEjected);
        cluster.Answer(0, 500, times: 50);
        Assert.False(cluster[0].Health.IsEjected);
    }

    [Fact]
    public void An_ejection_outlives_a_new_config()
    {
        var loader = new TestLoader();
        var config = new TestConfig { Clusters = [new ClusterSet { Host = TestConfig.Host, Clusters = [TestConfig.ClusterOf("") with { Outliers = Whole }, TestConfig.ClusterOf("v1"), TestConfig.ClusterOf("v2")] }] };
        loader.Load(config);
        var member = loader.State.Current!.FindCluster(TestConfig.ClusterName(""))!.Pool.Members[0];
        for (var i = 0; i < 5; i++) loader.State.Current.FindCluster(TestConfig.ClusterName(""))!.State.Ejections.Answered(member.State, 500);

        loader.Load(config with { Endpoints = [TestConfig.EndpointsOf(TestConfig.Member("10.0.0.1", "v1"), TestConfig.Member("10.0.0.2", "v2"), TestConfig.Member("10.0.0.3", "v2"))] }, revision: 2);

        var cluster = loader.State.Current.FindCluster(TestConfig.ClusterName(""))!;
        Assert.True(cluster.Pool.Members[0].State.Health.IsEjected);
        Assert.Equal(2, cluster.Balanced.Shares[0].Pool.Members.Length);
        // Other clusters with the same member judge by themselves.
        Assert.False(loader.State.Current.FindCluster(TestConfig.ClusterName("v1"))!.Pool.Members[0].State.Health.IsOut);
    }

    [Fact]
    public void Counting_from_many_threads_ejects_once()
    {
        var cluster = TestCluster.Of(Whole, 10);
        Parallel.For(0, 1000, i => cluster.Cluster.State.Ejections.Answered(cluster[i % 4], 500));

        for (var i = 0; i < 4; i++) Assert.Equal(1, cluster[i].Health.TimesEjected);
        Assert.Equal(4, cluster.Changed.Count);
    }
}
