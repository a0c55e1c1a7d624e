using Mesh.Api;
using Mesh.Api.Security;
using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

/// <summary>Who would be refused under STRICT is told before anybody turns it on.</summary>
public sealed class ClearTextTests
{
    private static readonly DateTimeOffset Noon = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RuleKey Rule = new(RuleKey.PeerAuthentication, new ObjectKey("default", "p"));

    private static readonly string World = string.Join("\n---\n",
        Given.MutualPod("web-1", "app: web"),
        Given.MutualPod("web-2", "app: web", ip: "10.1.0.2"),
        Given.MutualPod("db-1", "app: db", ip: "10.1.0.3"),
        "apiVersion: v1\nkind: Pod\nmetadata: {name: legacy, namespace: old, labels: {app: legacy}}\nspec: {containers: [{name: app}]}\nstatus: {podIP: 10.1.0.9}");

    private readonly Dictionary<RuleKey, WrittenStatus> written = [];

    private MeshPlan plan = MeshPlanner.Plan(Cluster.Of(World, Given.PeerAuthentication("p", "{selector: {matchLabels: {app: web}}, mtls: {mode: PERMISSIVE}}")));

    private Dictionary<ObjectKey, ProxyObservation> proxies;

    public ClearTextTests() => proxies = Sidecars.Holding(plan);

    [Fact]
    public void Nobody_in_clear_text_means_ready_for_STRICT()
    {
        var status = Written(Noon);
        Assert.Equal(("True", ConditionReasons.NoClearText), Strict(status));
        Assert.Empty(status.ClearTextClients);
    }

    [Fact]
    public void Clients_are_named_by_pod_where_there_is_one_and_the_last_seen_stand_first()
    {
        Hear("web-1", new ClearTextClient("10.1.0.9", 8080, 12, Noon.AddMinutes(-19)), new ClearTextClient("192.0.2.7", 9090, 1, Noon.AddMinutes(-3)));
        Hear("db-1", new ClearTextClient("10.1.0.9", 5432, 5, Noon));
        var status = Written(Noon);
        Assert.Equal(
            ["192.0.2.7 -> default/web-1 :9090 (1 connection, last 11:57Z)", "old/legacy -> default/web-1 :8080 (12 connections, last 11:41Z)"],
            status.ClearTextClients);
        Assert.Equal(("False", ConditionReasons.ClearTextClients), Strict(status));
        Assert.Contains("2 clients would be refused under STRICT: 192.0.2.7, old/legacy.", Condition(status).Message, StringComparison.Ordinal);
        Assert.Equal("True", status.Conditions.Single(condition => condition.Type == ConditionTypes.Ready).Status);
    }

    [Fact]
    public void Who_was_last_seen_an_hour_ago_is_forgotten_then_and_not_before()
    {
        Hear("web-1", new ClearTextClient("10.1.0.9", 8080, 12, Noon.AddMinutes(-59)));
        var asked = Ask(Noon);
        Assert.Equal(Noon.AddMinutes(1), asked.AskAgain);
        Assert.Equal("False", Strict(Written(Noon)).Status);
        Assert.Equal("False", Strict(Written(Noon.AddSeconds(59))).Status);
        Assert.Equal("True", Strict(Written(Noon.AddMinutes(1))).Status);
    }

    [Fact]
    public void Counts_wait_ten_seconds_and_a_first_client_does_not()
    {
        Written(Noon);
        Hear("web-1", new ClearTextClient("10.1.0.9", 8080, 1, Noon));
        Assert.Single(Ask(Noon.AddSeconds(1)).Patches);
        Written(Noon.AddSeconds(1));
        Hear("web-1", new ClearTextClient("10.1.0.9", 8080, 900, Noon));
        var waiting = Ask(Noon.AddSeconds(5));
        Assert.Empty(waiting.Patches);
        Assert.Equal(Noon.AddSeconds(11), waiting.AskAgain);
        Assert.Contains("900 connections", Assert.Single(Written(Noon.AddSeconds(11)).ClearTextClients), StringComparison.Ordinal);
        Assert.Empty(Ask(Noon.AddSeconds(30)).Patches);
    }

    [Fact]
    public void A_port_with_a_mode_of_its_own_does_not_stand_in_the_way_of_STRICT()
    {
        plan = MeshPlanner.Plan(Cluster.Of(World, Given.PeerAuthentication("p", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}")));
        proxies = Sidecars.Holding(plan);
        Hear("web-1", new ClearTextClient("10.1.0.9", 8080, 12, Noon));
        var status = Written(Noon);
        Assert.Single(status.ClearTextClients);
        Assert.Equal("True", Strict(status).Status);
    }

    [Fact]
    public void Pods_with_a_narrower_rule_do_not_stand_in_the_way_of_STRICT()
    {
        plan = MeshPlanner.Plan(Cluster.Of(World, Given.PeerAuthentication("p", "{mtls: {mode: PERMISSIVE}}"), Given.PeerAuthentication("web", "{selector: {matchLabels: {app: web}}, mtls: {mode: PERMISSIVE}}")));
        proxies = Sidecars.Holding(plan);
        Hear("web-1", new ClearTextClient("10.1.0.9", 8080, 12, Noon));
        var status = Written(Noon);
        Assert.Single(status.ClearTextClients);
        Assert.Equal("True", Strict(status).Status);
    }

    [Fact]
    public void Before_all_have_told_it_is_not_known()
    {
        proxies.Remove(new ObjectKey("default", "web-2"));
        Assert.Equal(("Unknown", ConditionReasons.NotHeardOfAll), Strict(Written(Noon)));
        Hear("web-1", new ClearTextClient("10.1.0.9", 8080, 12, Noon));
        Assert.Equal("False", Strict(Written(Noon.AddSeconds(1))).Status);
    }

    [Fact]
    public void A_new_leader_keeps_what_is_written_until_proxies_have_told()
    {
        Hear("web-1", new ClearTextClient("10.1.0.9", 8080, 12, Noon));
        Written(Noon);
        proxies = [];
        Assert.Empty(Ask(Noon.AddSeconds(1), leadingSince: Noon.AddSeconds(1)).Patches);
    }

    [Fact]
    public void An_address_that_several_pods_share_is_left_an_address()
    {
        plan = MeshPlanner.Plan(Cluster.Of(
            World, Given.PeerAuthentication("p", "{mtls: {mode: PERMISSIVE}}"),
            "apiVersion: v1\nkind: Pod\nmetadata: {name: agent, namespace: kube-system}\nspec: {hostNetwork: true, containers: [{name: app}]}\nstatus: {podIP: 192.0.2.1}",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: dns, namespace: kube-system}\nspec: {hostNetwork: true, containers: [{name: app}]}\nstatus: {podIP: 192.0.2.1}"));
        proxies = Sidecars.Holding(plan);
        Hear("web-1", new ClearTextClient("192.0.2.1", 8080, 12, Noon));
        Assert.StartsWith("192.0.2.1 -> ", Assert.Single(Written(Noon).ClearTextClients), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_list_is_cut_and_says_how_many_more()
    {
        Hear("web-1", [.. Enumerable.Range(0, 50).Select(i => new ClearTextClient($"192.0.2.{i}", 8080, 1, Noon))]);
        var status = Written(Noon);
        Assert.Equal(20, status.ClearTextClients.Count);
        Assert.Equal("and 31 more", status.ClearTextClients[^1]);
        Assert.Contains("50 clients", Condition(status).Message, StringComparison.Ordinal);
    }

    private void Hear(string pod, params ClearTextClient[] clients)
    {
        var key = new ObjectKey("default", pod);
        proxies[key] = new ProxyObservation { Report = Sidecars.ReportOf(plan.Pods[key]) with { ClearTextClients = [.. clients] } };
    }

    private StatusPlan Ask(DateTimeOffset now, DateTimeOffset? leadingSince = null) => StatusPlanner.Plan(plan, proxies, written, now, leadingSince ?? Noon.AddDays(-1));

    private PeerAuthenticationStatus Written(DateTimeOffset now)
    {
        foreach (var patch in Ask(now).Patches) written[patch.Rule] = new WrittenStatus { Status = patch.Status, WrittenAt = now };
        return (PeerAuthenticationStatus)written[Rule].Status!;
    }

    private static Condition Condition(PeerAuthenticationStatus status) => status.Conditions.Single(condition => condition.Type == ConditionTypes.StrictReady);

    private static (string Status, string Reason) Strict(PeerAuthenticationStatus status) => (Condition(status).Status, Condition(status).Reason);
}
