using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>Which pools a HealthCheck is about, and for whom.</summary>
public sealed class HealthCheckPlanTests
{
    private static readonly string[] Mesh =
    [
        Given.Pod("client", "app: client"),
        Given.Pod("far", "app: client", "prod", "10.1.0.3"),
        Given.Service("web", "{name: http, port: 80}, {name: tcp, port: 81}"),
        Given.DestinationRule("web", "{host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}"),
    ];

    [Fact]
    public void Every_port_and_subset_of_the_host_is_asked()
    {
        var config = Plan(Given.HealthCheck("web", "{host: web, http: {path: /healthz}, interval: 3s}")).ConfigOf("client");
        Assert.Equal(6, config.Clusters.Length);
        Assert.All(config.Clusters, cluster => Assert.Equal(("HealthCheck/default/web", HealthProbe.Http, "/healthz", TimeSpan.FromSeconds(3)),
            (cluster.HealthCheck!.Origin, cluster.HealthCheck.Probe, cluster.HealthCheck.Path, cluster.HealthCheck.Interval)));
    }

    [Fact]
    public void By_labels_only_pools_are_asked_that_consist_of_such_pods_alone()
    {
        var config = Plan(Given.HealthCheck("v1", "{selector: {matchLabels: {app: web, version: v1}}, tcp: {}}")).ConfigOf("client");
        Assert.Equal(["v1", "v1"], config.Clusters.Where(cluster => cluster.HealthCheck is not null).Select(cluster => cluster.Subset));
    }

    [Fact]
    public void Of_two_for_one_host_the_older_is_in_force_and_the_younger_says_so()
    {
        var plan = Plan(Given.HealthCheck("young", "{host: web, tcp: {}}"), Given.HealthCheck("old", "{host: web, grpc: {}}", age: 9));
        Assert.All(plan.ConfigOf("client").Clusters, cluster => Assert.Equal("HealthCheck/default/old", cluster.HealthCheck!.Origin));
        var verdict = plan.Verdicts[new RuleKey(RuleKey.HealthCheck, new ObjectKey("default", "young"))];
        Assert.Equal(ConditionReasons.OverruledByOlder, verdict.NotAccepted);
        Assert.Contains("HealthCheck/default/old", Assert.Single(verdict.Findings).Message);
    }

    [Fact]
    public void One_of_another_namespace_is_for_the_clients_of_that_alone()
    {
        var plan = Plan(Given.HealthCheck("web", "{host: web.default.svc.cluster.local, tcp: {}}", "prod"));
        Assert.All(plan.ConfigOf("far", "prod").Clusters, cluster => Assert.NotNull(cluster.HealthCheck));
        Assert.All(plan.ConfigOf("client").Clusters, cluster => Assert.Null(cluster.HealthCheck));
    }

    [Fact]
    public void A_host_that_does_not_exist_is_told()
    {
        var verdict = Plan(Given.HealthCheck("web", "{host: wbe, tcp: {}}")).Verdicts[new RuleKey(RuleKey.HealthCheck, new ObjectKey("default", "web"))];
        Assert.Equal(ConditionReasons.HostNotFound, verdict.Unresolved);
        Assert.Equal("spec.host", Assert.Single(verdict.Findings).Path);
    }

    [Fact]
    public void Members_that_clients_address_themselves_are_not_asked()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(
            Given.Pod("client", "app: client"), Given.Service("db", "{name: tcp, port: 5432}", ip: "None"), Given.HealthCheck("db", "{host: db, tcp: {}}")));
        Assert.Null(Assert.Single(plan.ConfigOf("client").Clusters).HealthCheck);
        Assert.Contains(plan.Verdicts[new RuleKey(RuleKey.HealthCheck, new ObjectKey("default", "db"))].Findings, finding => finding.Code == FindingCodes.NoEffect);
    }

    [Fact]
    public void A_check_that_comes_or_goes_changes_what_was_told_before()
    {
        var before = Plan();
        var check = Given.HealthCheck("web", "{host: web, tcp: {}}");
        var with = MeshPlanner.Plan(before.Parts.Snapshot.With(check), before);
        Assert.All(with.ConfigOf("client").Clusters, cluster => Assert.NotNull(cluster.HealthCheck));
        Assert.All(MeshPlanner.Plan(with.Parts.Snapshot.Without(check), with).ConfigOf("client").Clusters, cluster => Assert.Null(cluster.HealthCheck));
    }

    private static MeshPlan Plan(params ReadOnlySpan<string> objects) => MeshPlanner.Plan(Cluster.Of([.. Mesh, .. objects]));
}
