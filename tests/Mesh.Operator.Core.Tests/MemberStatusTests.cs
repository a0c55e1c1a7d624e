using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

/// <summary>Members that sidecars leave out are told in the status of the rule that made them.</summary>
public sealed class MemberStatusTests
{
    private const string Host = "reviews.default.svc.cluster.local";

    private static readonly DateTimeOffset Noon = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RuleKey Rule = new(RuleKey.DestinationRule, new ObjectKey("default", "reviews"));

    private static readonly string World = string.Join("\n---\n",
        Given.MutualPod("web-1", "app: web"),
        Given.MutualPod("web-2", "app: web", ip: "10.1.0.2"),
        Given.MutualPod("reviews-1", "app: reviews", ip: "10.1.0.3"),
        Given.MutualPod("reviews-2", "app: reviews", ip: "10.1.0.4"),
        "apiVersion: v1\nkind: Service\nmetadata: {name: reviews, namespace: default}\nspec: {clusterIP: 10.96.0.9, selector: {app: reviews}, ports: [{name: http, port: 9080}]}",
        "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: reviews, namespace: default, uid: u, generation: 1}\nspec: {host: reviews, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}}}");

    private readonly MeshPlan plan = MeshPlanner.Plan(Cluster.Of(World));
    private readonly Dictionary<ObjectKey, ProxyObservation> proxies;

    public MemberStatusTests() => proxies = Sidecars.Holding(plan);

    [Fact]
    public void Nobody_left_out_says_nothing()
    {
        Assert.Null(Status().Ejected);
        Assert.Empty(Status().EjectedMembers);
    }

    [Fact]
    public void A_member_is_named_once_with_how_many_saw_it()
    {
        Hear("web-1", Ejected("10.1.0.3:9080", "reviews-1", ""), Ejected("10.1.0.3:9080", "reviews-1", "v1"));
        Hear("web-2", Ejected("10.1.0.3:9080", "reviews-1", ""));

        Assert.Equal(1, Status().Ejected);
        Assert.Equal("10.1.0.3:9080 (reviews-1): failed 3 times in a row, seen by 2 proxies", Assert.Single(Status().EjectedMembers));
    }

    [Fact]
    public void Members_of_other_hosts_and_those_whose_check_fails_are_not_counted()
    {
        Hear("web-1", Ejected("10.1.0.3:9080", "", "") with { Cluster = ClusterNames.Outbound(80, "", "ratings.default.svc.cluster.local") }, Ejected("10.1.0.4:9080", "", "") with { Condition = MemberCondition.Unhealthy });

        Assert.Null(Status().Ejected);
    }

    [Fact]
    public void A_proxy_that_is_silent_is_not_believed()
    {
        Hear("web-1", Ejected("10.1.0.3:9080", "reviews-1", ""));
        var key = new ObjectKey("default", "web-1");
        proxies[key] = proxies[key] with { UnreachableSince = Noon };

        Assert.Null(Status().Ejected);
    }

    [Fact]
    public void A_long_list_is_cut_and_says_how_many_more()
    {
        Hear("web-1", [.. Enumerable.Range(10, 50).Select(i => Ejected($"10.2.0.{i}:9080", "", ""))]);

        Assert.Equal(50, Status().Ejected);
        Assert.Equal(20, Status().EjectedMembers.Count);
        Assert.Equal("and 31 more", Status().EjectedMembers[^1]);
    }

    private static MemberReport Ejected(string address, string pod, string subset) => new()
    {
        Cluster = ClusterNames.Outbound(9080, subset, Host), Address = address, Pod = pod, Condition = MemberCondition.Ejected, Reason = "failed 3 times in a row", Since = Noon,
    };

    private void Hear(string pod, params MemberReport[] members)
    {
        var key = new ObjectKey("default", pod);
        proxies[key] = new ProxyObservation { Report = Sidecars.ReportOf(plan.Pods[key]) with { Members = [.. members] } };
    }

    private DestinationRuleStatus Status() => Assert.IsType<DestinationRuleStatus>(
        StatusPlanner.Plan(plan, proxies, new Dictionary<RuleKey, WrittenStatus>(), Noon, Noon.AddDays(-1)).Patches.Single(patch => patch.Rule == Rule).Status);
}
