using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

public sealed class StatusTests
{
    private static readonly DateTimeOffset Noon = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RuleKey Rule = new(RuleKey.VirtualService, new ObjectKey("default", "b"));

    private readonly Dictionary<RuleKey, WrittenStatus> written = [];

    private MeshPlan plan = PlanOf(1);

    private Dictionary<ObjectKey, ProxyObservation> proxies;

    public StatusTests() => proxies = Sidecars.Holding(plan);

    [Fact]
    public void Every_proxy_holds_it()
    {
        var status = Written(Noon);
        Assert.Equal("3/3", status.Applied);
        Assert.Equal(["True", "True", "True", "True"], status.Conditions.Select(condition => condition.Status));
        Assert.Equal(ConditionReasons.InEffect, status.Conditions[3].Reason);
        Assert.All(status.Conditions, condition => Assert.Equal(1, condition.ObservedGeneration));
    }

    [Fact]
    public void A_second_run_writes_nothing()
    {
        Written(Noon);
        Assert.Empty(Ask(Noon.AddSeconds(1)).Patches);
        Assert.Empty(Ask(Noon.AddHours(1)).Patches);
    }

    [Fact]
    public void A_status_read_back_from_the_cluster_is_not_written_again()
    {
        Written(Noon);
        foreach (var (rule, held) in written.ToList())
        {
            var json = System.Text.Json.JsonSerializer.Serialize(held.Status, held.Status!.GetType(), ApiJson.Options);
            written[rule] = new WrittenStatus { Status = (RuleStatus)System.Text.Json.JsonSerializer.Deserialize(json, held.Status.GetType(), ApiJson.Options)! };
        }

        Assert.Empty(Ask(Noon.AddSeconds(1)).Patches);
    }

    [Fact]
    public void A_new_generation_is_pending_until_each_proxy_holds_its_sections()
    {
        var first = Written(Noon);
        plan = PlanOf(2, plan);
        var pending = Written(Noon.AddSeconds(1));
        Assert.Equal("0/3", pending.Applied);
        Assert.Equal(["default/a-1", "default/b-1", "default/b-2"], pending.Proxies!.Pending);
        Assert.Equal((ConditionReasons.Pending, "False"), (pending.Conditions[2].Reason, pending.Conditions[2].Status));
        Assert.Equal(2, pending.ObservedGeneration);
        Assert.Equal(first.Conditions[0].LastTransitionTime, pending.Conditions[0].LastTransitionTime);
        Assert.Equal(Noon.AddSeconds(1), pending.Conditions[2].LastTransitionTime);

        proxies = Sidecars.Holding(plan);
        Assert.Equal("3/3", Written(Noon.AddSeconds(2)).Applied);
    }

    [Fact]
    public void A_proxy_whose_config_a_generation_does_not_change_holds_it_already()
    {
        plan = MeshPlanner.Plan(Snapshot(1).With(Given.VirtualService("b", "{hosts: [b], exportTo: [far], http: [{route: [{destination: {host: b}}]}]}", generation: 2)), plan);
        proxies = Sidecars.Holding(plan);
        plan = MeshPlanner.Plan(Snapshot(1).With(Given.VirtualService("b", "{hosts: [b], exportTo: [elsewhere], http: [{route: [{destination: {host: b}}]}]}", generation: 3)), plan);
        Assert.Equal("3/3", Written(Noon).Applied);
    }

    [Fact]
    public void Endpoints_are_no_part_of_a_generation()
    {
        Written(Noon);
        plan = MeshPlanner.Plan(Snapshot(1).With(Given.Slice("b", 8080, Given.Endpoint("10.1.0.2", "b-1") + ", " + Given.Endpoint("10.1.0.77", "b-2"))), plan);
        Assert.Empty(Ask(Noon.AddSeconds(1)).Patches);
    }

    [Fact]
    public void Counts_wait_ten_seconds_but_true_and_false_do_not()
    {
        plan = PlanOf(2, plan);
        Assert.Equal("0/3", Written(Noon).Applied);

        Acknowledge("a-1");
        var asked = Ask(Noon.AddSeconds(3));
        Assert.DoesNotContain(asked.Patches, patch => patch.Rule == Rule);
        Assert.Equal(Noon.AddSeconds(10), asked.AskAgain);
        Assert.Equal("1/3", Written(Noon.AddSeconds(10)).Applied);

        Acknowledge("b-1");
        Acknowledge("b-2");
        var done = Written(Noon.AddSeconds(11));
        Assert.Equal(("3/3", "True"), (done.Applied, done.Conditions[2].Status));
    }

    [Fact]
    public void Laggards_are_named_the_first_five()
    {
        var pods = string.Join("\n---\n", Enumerable.Range(1, 8).Select(i => Given.Pod($"c-{i}", "app: c", ip: $"10.1.1.{i}")));
        plan = MeshPlanner.Plan(Snapshot(1).With(pods));
        proxies = Sidecars.Holding(plan);
        plan = MeshPlanner.Plan(Snapshot(2).With(pods), plan);
        var status = Written(Noon);
        Assert.Equal("0/11", status.Applied);
        Assert.Equal(5, status.Proxies!.Pending.Count);
        Assert.Contains("default/c-2 and 6 more", status.Conditions[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Terminating_pods_and_those_that_hold_nothing_yet_are_not_counted()
    {
        plan = MeshPlanner.Plan(Snapshot(1).With(Given.Pod("b-2", "app: b, version: v1", ip: "10.1.0.3", extra: ", deletionTimestamp: '2026-01-01T00:00:00Z'")));
        proxies = Sidecars.Holding(plan);
        proxies[new("default", "b-1")] = new ProxyObservation { Report = new ProxyReport { Sequence = 1, Instance = "new" } };
        Assert.Equal("1/1", Written(Noon).Applied);
    }

    [Fact]
    public void A_report_of_a_former_pod_of_that_name_does_not_count()
    {
        var pod = new ObjectKey("default", "a-1");
        proxies[pod] = proxies[pod] with { Report = proxies[pod].Report! with { PodUid = "former" } };
        Assert.Equal("2/2", Written(Noon).Applied);
    }

    [Fact]
    public void A_proxy_silent_for_thirty_seconds_is_named_and_counted_apart()
    {
        plan = PlanOf(2, plan);
        Acknowledge("b-1");
        Acknowledge("b-2");
        proxies[new("default", "a-1")] = proxies[new("default", "a-1")] with { UnreachableSince = Noon };
        Assert.Equal("2/3", Written(Noon).Applied);
        Assert.Equal(Noon.AddSeconds(30), Ask(Noon.AddSeconds(20)).AskAgain);

        var status = Written(Noon.AddSeconds(30));
        Assert.Equal(("2/2", ConditionReasons.ProxyUnreachable), (status.Applied, status.Conditions[2].Reason));
        Assert.Contains("default/a-1", status.Conditions[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_proxy_that_held_it_counts_as_holding()
    {
        proxies[new("default", "a-1")] = proxies[new("default", "a-1")] with { UnreachableSince = Noon.AddMinutes(-5) };
        Assert.Equal("3/3", Written(Noon).Applied);
    }

    [Fact]
    public void A_refusal_is_told_with_its_reason()
    {
        plan = PlanOf(2, plan);
        var pod = new ObjectKey("default", "a-1");
        proxies[pod] = proxies[pod] with
        {
            Report = proxies[pod].Report! with { Refused = new RefusedConfig { Revision = 2, Problems = [new ConfigProblem("routes/8080: virtualHosts[0]", "is odd")] } },
        };
        var status = Written(Noon);
        Assert.Equal(ConditionReasons.RefusedByProxy, status.Conditions[2].Reason);
        Assert.Contains("is odd", status.Conditions[2].Message, StringComparison.Ordinal);
        Assert.Contains(status.Findings, finding => finding.Code == FindingCodes.RefusedByProxy);
    }

    [Fact]
    public void Without_any_proxy_nobody_is_waited_for()
    {
        plan = MeshPlanner.Plan(Cluster.Of(Given.Service("b", "{name: http, port: 8080}"), Given.VirtualService("b", "{hosts: [b], http: [{route: [{destination: {host: b}}]}]}")));
        proxies = [];
        var status = Written(Noon);
        Assert.Equal(("0/0", ConditionReasons.NoProxies), (status.Applied, status.Conditions[2].Reason));
    }

    [Fact]
    public void A_new_leader_keeps_the_old_word_until_proxies_answered_or_ten_seconds_passed()
    {
        Written(Noon);
        proxies = [];
        Assert.Empty(Ask(Noon.AddSeconds(1), leadingSince: Noon).Patches);
        Assert.Equal(Noon.AddSeconds(10), Ask(Noon.AddSeconds(1), leadingSince: Noon).AskAgain);
        Assert.Equal("0/0", Written(Noon.AddSeconds(10), leadingSince: Noon).Applied);
    }

    [Fact]
    public void A_new_leader_does_not_keep_the_word_about_another_generation()
    {
        Written(Noon);
        plan = PlanOf(2, plan);
        proxies = [];
        Assert.NotEqual("3/3", Written(Noon.AddSeconds(1), leadingSince: Noon).Applied);
    }

    [Fact]
    public void Conditions_and_messages_of_others_are_left_alone()
    {
        written[Rule] = new WrittenStatus
        {
            Status = new VirtualServiceStatus
            {
                Conditions = [new Condition { Type = "Reviewed", Status = "True" }],
                ValidationMessages = [new ValidationMessage { Level = "INFO" }],
            },
        };
        var status = Written(Noon);
        Assert.Contains(status.Conditions, condition => condition.Type == "Reviewed");
        Assert.Single(status.ValidationMessages);
    }

    [Fact]
    public void A_refused_spec_is_not_applied_and_says_so()
    {
        plan = MeshPlanner.Plan(Snapshot(1).With(Given.VirtualService("b", "{hosts: [b], http: [{route: [{destination: {host: b}}], retries: {attempts: 1, retryOn: sometimes}}]}", generation: 2)), plan);
        proxies = Sidecars.Holding(plan);
        var status = Written(Noon);
        Assert.Equal([ConditionReasons.Invalid, ConditionReasons.ResolvedRefs, ConditionReasons.NotAccepted, ConditionReasons.Invalid], status.Conditions.Select(condition => condition.Reason));
        Assert.Equal("outbound|8080||b.default.svc.cluster.local", Assert.Single(plan.ConfigOf("a-1").Host(8080, "b")!.ClustersOf()));
    }

    [Fact]
    public void The_newer_of_two_for_one_host_says_who_wins()
    {
        plan = MeshPlanner.Plan(Snapshot(1).With(Given.VirtualService("newer", "{hosts: [b], http: [{route: [{destination: {host: b}}]}]}", age: 0)), plan);
        proxies = Sidecars.Holding(plan);
        Written(Noon);
        var loser = written[new(RuleKey.VirtualService, new("default", "newer"))].Status!;
        Assert.Equal(ConditionReasons.HostOwnedByOther, loser.Conditions[0].Reason);
        Assert.Contains("default/b", loser.Conditions[3].Message, StringComparison.Ordinal);
        Assert.Equal("default/b", Assert.Single(((VirtualServiceStatus)loser).Hosts).Owner);
    }

    [Fact]
    public void A_field_not_acted_on_is_named_and_keeps_it_from_being_ready()
    {
        plan = MeshPlanner.Plan(Snapshot(1).With(Given.VirtualService("b", "{hosts: [b], http: [{retries: {attempts: 1, retryOn: http3-post-connect-failure}, route: [{destination: {host: b}}]}]}", generation: 2)), plan);
        proxies = Sidecars.Holding(plan);
        var status = Written(Noon);
        Assert.Equal(("True", ConditionReasons.PartlySupported), (status.Conditions[0].Status, status.Conditions[0].Reason));
        Assert.Equal(("False", ConditionReasons.PartlySupported), (status.Conditions[3].Status, status.Conditions[3].Reason));
    }

    private static MeshSnapshot Snapshot(int generation) => Cluster.Of(
        Given.Service("b", "{name: http, port: 8080}"),
        Given.Slice("b", 8080, Given.Endpoint("10.1.0.2", "b-1")),
        Given.Pod("a-1", "app: a"),
        Given.Pod("b-1", "app: b, version: v1", ip: "10.1.0.2"),
        Given.Pod("b-2", "app: b, version: v1", ip: "10.1.0.3"),
        Given.VirtualService("b", $"{{hosts: [b], http: [{{timeout: {generation}s, route: [{{destination: {{host: b}}}}]}}]}}", generation: generation));

    private static MeshPlan PlanOf(int generation, MeshPlan? before = null) => MeshPlanner.Plan(Snapshot(generation), before);

    private void Acknowledge(string pod) =>
        proxies[new("default", pod)] = new ProxyObservation { Report = Sidecars.ReportOf(plan.Pods[new("default", pod)]) };

    private StatusPlan Ask(DateTimeOffset now, DateTimeOffset? leadingSince = null) =>
        StatusPlanner.Plan(plan, proxies, written, now, leadingSince ?? Noon.AddDays(-1));

    // Writes what is to be written and gives the rule's status.
    private RuleStatus Written(DateTimeOffset now, DateTimeOffset? leadingSince = null)
    {
        foreach (var patch in Ask(now, leadingSince).Patches) written[patch.Rule] = new WrittenStatus { Status = patch.Status, WrittenAt = now };
        return written[Rule].Status!;
    }
}
