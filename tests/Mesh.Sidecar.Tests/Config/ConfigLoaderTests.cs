using Mesh.Sidecar.Config;

namespace Mesh.Sidecar.Tests.Config;

public sealed class ConfigLoaderTests
{
    private static readonly TestConfig Good = new();

    private static readonly TestConfig Bad = Good with { Routes = [TestConfig.TableOf(TestConfig.RouteTo("v9"))] };

    [Fact]
    public void A_valid_config_is_put_in_force_and_reported()
    {
        var loader = new TestLoader();
        Assert.Null(loader.State.Current);

        Assert.Equal(LoadOutcome.Taken, loader.Load(Good, 7));

        var report = loader.State.Report;
        Assert.Equal(7, report.Revision);
        Assert.Equal(loader.State.Current!.Config.Manifest.Hash, report.Hash);
        Assert.Contains(report.Sections, section => section.Name == "routes/9080");
        Assert.Null(report.Refused);
        Assert.True(loader.State.First.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_config_with_problems_changes_nothing_but_the_report()
    {
        var loader = new TestLoader();
        loader.Load(Good, 1);
        var inForce = loader.State.Current;

        Assert.Equal(LoadOutcome.Refused, loader.Load(Bad, 2));

        Assert.Same(inForce, loader.State.Current);
        Assert.Equal(1, loader.State.Report.Revision);
        Assert.Equal(2, loader.State.Report.Refused!.Revision);
        var problem = Assert.Single(loader.State.Report.Refused.Problems);
        Assert.Equal("routes/9080: virtualHosts[0].routes[0].destinations[0].cluster", problem.Path);
    }

    [Fact]
    public void Without_a_valid_config_there_is_none()
    {
        var loader = new TestLoader();
        Assert.Equal(LoadOutcome.Refused, loader.Load(Bad));
        Assert.Null(loader.State.Current);
        Assert.False(loader.State.First.IsCompleted);
    }

    [Fact]
    public void What_is_no_config_at_all_is_refused_too()
    {
        var loader = new TestLoader();
        loader.Load(Good);

        Assert.Equal(LoadOutcome.Refused, loader.Loader.Load("{ broken"u8.ToArray()));
        Assert.Equal(0, loader.State.Report.Refused!.Revision);
        Assert.NotNull(loader.State.Current);
    }

    [Fact]
    public void The_next_good_config_takes_the_refusal_back()
    {
        var loader = new TestLoader();
        loader.Load(Good, 1);
        loader.Load(Bad, 2);

        Assert.Equal(LoadOutcome.Taken, loader.Load(Good, 3));
        Assert.Null(loader.State.Report.Refused);
        Assert.Equal(3, loader.State.Report.Revision);
    }

    [Fact]
    public void The_same_content_twice_is_no_change()
    {
        var loader = new TestLoader();
        loader.Load(Good, 1);
        var inForce = loader.State.Current;
        var sequence = loader.State.Report.Sequence;

        Assert.Equal(LoadOutcome.Unchanged, loader.Load(Good, 1));
        Assert.Same(inForce, loader.State.Current);
        Assert.Equal(sequence, loader.State.Report.Sequence);
    }

    [Fact]
    public void The_config_in_force_told_again_takes_a_refusal_back()
    {
        var loader = new TestLoader();
        loader.Load(Good, 1);
        loader.Load(Bad, 2);

        Assert.Equal(LoadOutcome.Unchanged, loader.Load(Good, 1));
        Assert.Null(loader.State.Report.Refused);
    }

    [Fact]
    public void The_same_content_under_a_new_number_is_reported_under_it()
    {
        var loader = new TestLoader();
        loader.Load(Good, 5);

        Assert.Equal(LoadOutcome.Taken, loader.Load(Good, 6));
        Assert.Equal(6, loader.State.Report.Revision);
        Assert.Equal(LoadOutcome.Unchanged, loader.Load(Good, 1)); // a record made anew: it says nothing else
        Assert.Equal(6, loader.State.Report.Revision);
    }

    [Fact]
    public void An_older_revision_is_refused_and_the_one_in_force_is_named()
    {
        var loader = new TestLoader();
        loader.Load(Good, 5);

        Assert.Equal(LoadOutcome.Refused, loader.Load(Good with { Mesh = new() { AccessLogFile = "x" } }, 4));
        Assert.Equal(5, loader.State.Report.Revision);
        Assert.Contains("4 is older than 5", loader.State.Report.Refused!.Problems.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_for_another_pod_is_refused()
    {
        var loader = new TestLoader("uid-1");
        Assert.Equal(LoadOutcome.Refused, loader.Load(Good with { PodUid = "uid-2" }));
        Assert.Equal(LoadOutcome.Taken, loader.Load(Good with { PodUid = "uid-1" }));
    }

    [Fact]
    public void Sections_that_did_not_change_keep_their_compiled_parts()
    {
        var loader = new TestLoader();
        loader.Load(Good, 1);
        var before = loader.State.Current!;

        loader.Load(Good with { Endpoints = [TestConfig.EndpointsOf(TestConfig.Member("10.0.0.3", "v1"))] }, 2);
        var after = loader.State.Current!;

        Assert.Same(before.RouteTables["9080"], after.RouteTables["9080"]);
        Assert.NotSame(before.FindCluster(TestConfig.ClusterName("v1")), after.FindCluster(TestConfig.ClusterName("v1")));
        Assert.Equal("10.0.0.3", after.FindCluster(TestConfig.ClusterName("v1"))!.Pool.Members.Single().Config.Address);
    }

    [Fact]
    public void Counters_of_members_and_clusters_live_on_in_the_next_snapshot()
    {
        var loader = new TestLoader();
        loader.Load(Good, 1);
        var before = loader.State.Current!.FindCluster(TestConfig.ClusterName("v1"))!;
        before.State.Begin();
        before.Pool.Members[0].State.Begin();

        loader.Load(Good with { Endpoints = [TestConfig.EndpointsOf(TestConfig.Member("10.0.0.1", "v1", weight: 7), TestConfig.Member("10.0.0.9", "v1"))] }, 2);
        var after = loader.State.Current!.FindCluster(TestConfig.ClusterName("v1"))!;

        Assert.Same(before.State, after.State);
        Assert.Equal(1, after.Pool.Members[0].State.Active);
        Assert.Equal(7, after.Pool.Members[0].Weight);
        Assert.Equal(0, after.Pool.Members[1].State.Active);
    }

    [Fact]
    public void A_member_that_left_is_told_so_and_returns_as_new()
    {
        var loader = new TestLoader();
        loader.Load(Good, 1);
        var member = loader.State.Current!.FindCluster(TestConfig.ClusterName("v1"))!.Pool.Members.Single();

        loader.Load(Good with { Endpoints = [TestConfig.EndpointsOf(TestConfig.Member("10.0.0.2", "v2"))] }, 2);
        Assert.True(member.State.Retired.IsCancellationRequested);

        loader.Load(Good, 3);
        var back = loader.State.Current!.FindCluster(TestConfig.ClusterName("v1"))!.Pool.Members.Single();
        Assert.NotSame(member.State, back.State);
        Assert.False(back.State.Retired.IsCancellationRequested);
    }

    [Fact]
    public void A_refused_config_retires_nobody()
    {
        var loader = new TestLoader();
        loader.Load(Good, 1);
        var member = loader.State.Current!.FindCluster(TestConfig.ClusterName("v1"))!.Pool.Members.Single();

        loader.Load(Bad with { Endpoints = [] }, 2);

        Assert.False(member.State.Retired.IsCancellationRequested);
    }

    [Fact]
    public void Subsets_hold_the_members_that_carry_their_labels()
    {
        var snapshot = Good.Compile();
        Assert.Equal(["10.0.0.1", "10.0.0.2"], Members(""));
        Assert.Equal(["10.0.0.1"], Members("v1"));
        Assert.Equal(["10.0.0.2"], Members("v2"));

        string[] Members(string subset) => [.. snapshot.FindCluster(TestConfig.ClusterName(subset))!.Pool.Members.Select(member => member.Config.Address)];
    }
}
