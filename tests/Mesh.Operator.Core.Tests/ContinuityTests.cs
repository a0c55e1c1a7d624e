using Mesh.Api;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

/// <summary>Rules that need each other change one at a time, in any order: what was fine before and is fine after is fine between.</summary>
public sealed class ContinuityTests
{
    private const string Host = "outbound|80|{0}|web.default.svc.cluster.local";

    private static readonly DateTimeOffset Start = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string World = string.Join("\n---\n", Given.Service("web", "{name: http, port: 80}"), Given.Pod("client-1", "app: client"));

    private static readonly RuleKey Web = new(RuleKey.VirtualService, new("default", "web"));

    [Fact]
    public void A_route_waits_for_the_subset_it_names()
    {
        var plan = Plan(null, Start, World, Subsets(1, "v1"), Route(1, "v1"));
        plan = Plan(plan, Start.AddSeconds(1), Route(2, "v2"));
        Assert.Equal([Cluster("v1")], Clusters(plan));
        var programmed = Condition(plan, ConditionTypes.Programmed);
        Assert.Equal(("False", ConditionReasons.WaitingForReferences), (programmed.Status, programmed.Reason));
        Assert.Contains("Still serving generation 1 until what generation 2 names exists, at the longest until 2026-02-01T12:00:31Z", Condition(plan, ConditionTypes.ResolvedRefs).Message, StringComparison.Ordinal);

        plan = Plan(plan, Start.AddSeconds(2), Subsets(2, "v1", "v2"));
        Assert.Equal([Cluster("v2")], Clusters(plan));
        Assert.Null(plan.HoldsUntil);
        Assert.Equal("True", Condition(plan, ConditionTypes.Programmed).Status);
    }

    [Fact]
    public void A_subset_stays_while_a_route_names_it()
    {
        var plan = Plan(null, Start, World, Subsets(1, "v1"), Route(1, "v1"));
        plan = Plan(plan, Start.AddSeconds(1), Subsets(2, "v2"));
        Assert.Equal([Cluster("v1")], Clusters(plan));
        Assert.Contains(plan.ConfigOf("client-1").Clusters, cluster => cluster.Name == Cluster("v1") && cluster.Labels["version"] == "v1");

        plan = Plan(plan, Start.AddSeconds(2), Route(2, "v2"));
        Assert.Equal([Cluster("v2")], Clusters(plan));
        Assert.DoesNotContain(plan.ConfigOf("client-1").Clusters, cluster => cluster.Name == Cluster("v1"));
        Assert.Null(plan.HoldsUntil);
    }

    [Fact]
    public void A_DestinationRule_that_is_deleted_stays_while_a_route_names_its_subsets()
    {
        var plan = Plan(null, Start, World, Subsets(1, "v1"), Route(1, "v1"));
        plan = MeshPlanner.Plan(SnapshotOf(plan).Without(Subsets(1, "v1")), plan, Start.AddSeconds(1));
        Assert.Equal([Cluster("v1")], Clusters(plan));
        plan = MeshPlanner.Plan(SnapshotOf(plan).Without(Route(1, "v1")), plan, Start.AddSeconds(2));
        Assert.Equal([Cluster("")], Clusters(plan));
        Assert.Null(plan.HoldsUntil);
    }

    [Fact]
    public void A_new_rule_waits_too_and_requests_go_on_as_if_it_did_not_exist()
    {
        var plan = Plan(null, Start, World);
        plan = Plan(plan, Start.AddSeconds(1), Route(1, "v1"));
        Assert.Equal([Cluster("")], Clusters(plan));
        plan = Plan(plan, Start.AddSeconds(2), Subsets(1, "v1"));
        Assert.Equal([Cluster("v1")], Clusters(plan));
    }

    [Fact]
    public void Nothing_waits_longer_than_its_time()
    {
        var plan = Plan(null, Start, World, Subsets(1, "v1"), Route(1, "v1"));
        plan = Plan(plan, Start, Route(2, "v9"));
        Assert.Equal(Start + MeshPlanner.Patience, plan.HoldsUntil);
        plan = MeshPlanner.Plan(SnapshotOf(plan), plan, Start + MeshPlanner.Patience - TimeSpan.FromSeconds(1));
        Assert.Equal([Cluster("v1")], Clusters(plan));
        plan = MeshPlanner.Plan(SnapshotOf(plan), plan, Start + MeshPlanner.Patience);
        Assert.Equal(["!" + Cluster("v9")], Clusters(plan));
        Assert.Null(plan.HoldsUntil);
    }

    [Fact]
    public void A_rule_that_was_broken_before_may_be_changed_at_once()
    {
        var plan = Plan(null, Start, World, Route(1, "v9"));
        Assert.Equal(["!" + Cluster("v9")], Clusters(plan));
        plan = Plan(plan, Start, Given.VirtualService("web", "{hosts: [web], http: [{timeout: 1s, route: [{destination: {host: web, subset: v9}}]}]}", generation: 2));
        Assert.Equal(TimeSpan.FromSeconds(1), plan.ConfigOf("client-1").Host(80, "web")!.Routes[0].Timeout);
    }

    [Fact]
    public void A_plan_made_anew_knows_of_no_before()
    {
        var plan = Plan(null, Start, World, Subsets(1, "v1"), Route(2, "v9"));
        Assert.Equal(["!" + Cluster("v9")], Clusters(plan));
    }

    // From one good state to another: two rules change, subsets come, go and move, in every order and in random ones.
    [Fact]
    public void Whatever_the_order_no_step_between_two_good_states_is_broken()
    {
        var random = new Random(17);
        for (var round = 0; round < 300; round++)
        {
            var (before, after) = (Subset(random), Subset(random));
            var extra = Subset(random);
            var plan = Plan(null, Start, World, Subsets(1, before), Route(1, before));
            // Either keeps what the other needs only in its own new state.
            var steps = new[] { Subsets(2, after, extra), Route(2, after), Subsets(3, after), Route(3, after) };
            var order = new[] { 0, 1, 2, 3 };
            random.Shuffle(order);
            // Of one object a later generation is never followed by an earlier.
            var (seenRule, seenRoute) = (0, 0);
            for (var i = 0; i < order.Length; i++)
            {
                var isRule = order[i] is 0 or 2;
                var generation = isRule ? ++seenRule : ++seenRoute;
                plan = Plan(plan, Start.AddSeconds(i + 1), steps[isRule ? (generation - 1) * 2 : ((generation - 1) * 2) + 1]);
                Assert.All(Clusters(plan), cluster => Assert.False(cluster.StartsWith('!'), $"round {round}, step {i}: {cluster}"));
                Sidecars.Read(plan.Pods[new("default", "client-1")]);
            }

            Assert.Equal([Cluster(after)], Clusters(plan));
            Assert.Null(plan.HoldsUntil);
        }
    }

    [Fact]
    public void What_stays_the_same_is_shared_while_something_waits()
    {
        var plan = Plan(null, Start, World, Subsets(1, "v1"), Route(1, "v1"));
        var held = Plan(plan, Start.AddSeconds(1), Subsets(2, "v2"));
        var again = Plan(held, Start.AddSeconds(2), Given.Service("other", "{name: tcp, port: 90}", ip: "10.0.0.9"));
        Assert.Same(Section(held, "clusters/web.default.svc.cluster.local"), Section(again, "clusters/web.default.svc.cluster.local"));
        Assert.Equal(held.HoldsUntil, again.HoldsUntil);
    }

    private static string Subset(Random random) => "v" + random.Next(1, 5);

    private static Config.Section Section(MeshPlan plan, string name) => plan.Pods[new("default", "client-1")].Sections.Single(section => section.Name == name);

    private static string Cluster(string subset) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Host, subset);

    private static string Subsets(int generation, params string[] names) => Given.DestinationRule("web", $"{{host: web, subsets: [{string.Join(", ", names.Distinct().Select(name => $"{{name: {name}, labels: {{version: {name}}}}}"))}]}}", generation: generation);

    private static string Route(int generation, string subset) =>
        Given.VirtualService("web", $"{{hosts: [web], http: [{{route: [{{destination: {{host: web, subset: {subset}}}}}]}}]}}", generation: generation);

    private static MeshSnapshot SnapshotOf(MeshPlan plan) => plan.Parts.Snapshot;

    private static MeshPlan Plan(MeshPlan? before, DateTimeOffset now, params string[] changes) =>
        MeshPlanner.Plan(changes.Aggregate(before is null ? MeshSnapshot.Empty : SnapshotOf(before), (snapshot, yaml) => snapshot.With(yaml)), before, now);

    private static IEnumerable<string> Clusters(MeshPlan plan) => plan.ConfigOf("client-1").Host(80, "web")!.ClustersOf();

    private static Condition Condition(MeshPlan plan, string type)
    {
        var status = StatusPlanner.Plan(plan, Sidecars.Holding(plan), new Dictionary<RuleKey, WrittenStatus>(), Start, Start).Patches.Single(patch => patch.Rule == Web).Status;
        return status.Conditions.Single(condition => condition.Type == type);
    }
}
