using Mesh.Api;
using Mesh.Api.Security;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

/// <summary>What is said of a PeerAuthentication by looking at everything else.</summary>
public sealed class PeerVerdictTests
{
    private static readonly string World = string.Join("\n---\n",
        Given.Service("web", "{name: http, port: 80, targetPort: 8080}"),
        Given.Slice("web", 8080, Given.Endpoint("10.1.0.1", "web-1") + ", " + Given.Endpoint("10.1.0.2", "web-2")),
        Given.MutualPod("web-1", "app: web, version: v1"),
        Given.MutualPod("web-2", "app: web, version: v2", ip: "10.1.0.2"));

    [Fact]
    public void One_that_acts_says_whom_it_is_for()
    {
        var verdict = Verdict(Given.PeerAuthentication("p", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}"));
        Assert.Empty(verdict.Findings);
        Assert.Equal("2 pods", Scope(verdict));
        Assert.Equal(["web-1", "web-2"], verdict.Pods.Select(pod => pod.Name));
        Assert.Equal("namespace", Scope(Verdict(Given.PeerAuthentication("p", "{mtls: {mode: STRICT}}"))));
        Assert.Equal("mesh", Scope(Of(MeshNames.RootNamespace, Given.PeerAuthentication("p", "{mtls: {mode: STRICT}}", ns: MeshNames.RootNamespace))));
    }

    [Fact]
    public void Of_two_for_the_same_pods_the_newer_says_who_won()
    {
        var verdict = Verdict(Given.PeerAuthentication("first", "{mtls: {mode: STRICT}}", age: 2), Given.PeerAuthentication("p", "{mtls: {mode: DISABLE}}"));
        Assert.Equal(ConditionReasons.OverruledByOlder, verdict.NotAccepted);
        var finding = Assert.Single(verdict.Findings);
        Assert.Equal((FindingCodes.IneffectivePolicy, Severity.Warning), (finding.Code, finding.Severity));
        Assert.Contains("default/first is older", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_loses_all_its_pods_to_others_is_not_in_force_and_one_that_loses_some_says_which()
    {
        var all = Verdict(Given.PeerAuthentication("first", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}", age: 2), Given.PeerAuthentication("p", "{selector: {matchLabels: {version: v1}}, mtls: {mode: DISABLE}}"));
        Assert.Equal(ConditionReasons.OverruledByOlder, all.NotAccepted);
        var some = Verdict(Given.PeerAuthentication("first", "{selector: {matchLabels: {version: v1}}, mtls: {mode: STRICT}}", age: 2), Given.PeerAuthentication("p", "{selector: {matchLabels: {app: web}}, mtls: {mode: DISABLE}}"));
        Assert.Null(some.NotAccepted);
        Assert.Contains("default/web-1", Assert.Single(some.Findings).Message, StringComparison.Ordinal);
        Assert.Equal((ConditionReasons.PartlyOverruled, "False"), Ready(some.Rule, Given.PeerAuthentication("first", "{selector: {matchLabels: {version: v1}}, mtls: {mode: STRICT}}", age: 2), Given.PeerAuthentication("p", "{selector: {matchLabels: {app: web}}, mtls: {mode: DISABLE}}")));
    }

    [Fact]
    public void A_selector_that_finds_nobody_is_an_open_reference()
    {
        var verdict = Verdict(Given.PeerAuthentication("p", "{selector: {matchLabels: {app: nobody}}, mtls: {mode: STRICT}}"));
        Assert.Equal(ConditionReasons.NoMatchingPods, verdict.Unresolved);
        Assert.Equal(("IST0127", "app=nobody"), (Assert.Single(verdict.Findings).Code, verdict.Findings[0].Value));
    }

    [Fact]
    public void A_selector_that_finds_pods_without_sidecars_says_what_to_do()
    {
        var verdict = Verdict("apiVersion: v1\nkind: Pod\nmetadata: {name: bare, namespace: default, labels: {app: bare}}\nspec: {containers: [{name: app}]}", Given.PeerAuthentication("p", "{selector: {matchLabels: {app: bare}}, mtls: {mode: STRICT}}"));
        Assert.Contains("istio-injection=enabled", Assert.Single(verdict.Findings).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_selector_in_the_root_namespace_has_no_effect_and_says_so()
    {
        var verdict = Of(MeshNames.RootNamespace, Given.PeerAuthentication("p", "{selector: {matchLabels: {app: web}}, mtls: {mode: STRICT}}", ns: MeshNames.RootNamespace));
        Assert.Equal(ConditionReasons.Ignored, verdict.NotAccepted);
        Assert.Equal(FindingCodes.IneffectivePolicy, Assert.Single(verdict.Findings).Code);
    }

    [Theory]
    [InlineData("{host: web, trafficPolicy: {tls: {mode: DISABLE}}}", "spec.trafficPolicy.tls.mode")]
    [InlineData("{host: web, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}}", "spec.trafficPolicy.portLevelSettings[0].tls.mode")]
    [InlineData("{host: web, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {tls: {mode: DISABLE}}}]}", "spec.subsets[0].trafficPolicy.tls.mode")]
    public void A_DestinationRule_that_has_clients_refused_is_told_of_on_both(string spec, string path)
    {
        string[] objects = [Given.PeerAuthentication("p", "{mtls: {mode: STRICT}}"), Given.DestinationRule("clear", spec)];
        var server = Assert.Single(Verdict(objects).Findings);
        Assert.Equal((FindingCodes.MutualTlsMismatch, Severity.Error, "spec.mtls.mode"), (server.Code, server.Severity, server.Path));
        Assert.Contains("DestinationRule default/clear", server.Message, StringComparison.Ordinal);
        var client = Plan(objects).Verdicts[new RuleKey(RuleKey.DestinationRule, new("default", "clear"))];
        Assert.Equal((FindingCodes.MutualTlsMismatch, path), (Assert.Single(client.Findings, finding => finding.Severity == Severity.Error).Code, client.Findings[0].Path));
        Assert.Contains("PeerAuthentication default/p is STRICT", client.Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal((ConditionReasons.ClientsRefused, "False"), Ready(Verdict(objects).Rule, objects));
    }

    [Fact]
    public void Clients_that_do_without_mutual_TLS_are_fine_where_the_pods_take_both() =>
        Assert.Empty(Plan(Given.PeerAuthentication("p", "{mtls: {mode: PERMISSIVE}}"), Given.DestinationRule("clear", "{host: web, trafficPolicy: {tls: {mode: DISABLE}}}")).Findings);

    [Fact]
    public void Clients_that_insist_on_mutual_TLS_are_told_of_where_the_pods_take_none()
    {
        var plan = Plan(Given.PeerAuthentication("p", "{mtls: {mode: DISABLE}}"), Given.DestinationRule("mutual", "{host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}"));
        Assert.Equal(["DestinationRule/default/mutual", "PeerAuthentication/default/p"], plan.Findings.Where(finding => finding.Code == FindingCodes.MutualTlsMismatch).Select(finding => finding.Resource));
    }

    [Fact]
    public void One_that_is_not_valid_says_that_it_fails_closed()
    {
        var verdict = Verdict(Given.PeerAuthentication("p", "{mtls: {mode: ALWAYS}}"));
        Assert.Equal(ConditionReasons.Invalid, verdict.NotAccepted);
        Assert.Equal([FindingCodes.SchemaValidationError, FindingCodes.FailsClosed], verdict.Findings.Select(finding => finding.Code));
        Assert.Contains("the pods of its namespace take nothing but mutual TLS", verdict.Findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void STRICT_says_where_connections_pass_the_sidecar_by()
    {
        var verdict = Verdict(Given.MutualPod("web-2", "app: web, version: v2", ip: "10.1.0.2", excluded: "15012,15020,15021,15090,9443"), Given.PeerAuthentication("p", "{mtls: {mode: STRICT}}"));
        Assert.Contains("Ports 9443 of default/web-2 are not captured", Assert.Single(verdict.Findings).Message, StringComparison.Ordinal);
    }

    private static MeshPlan Plan(params string[] objects) => MeshPlanner.Plan(Cluster.Of([World, .. objects]));

    private static RuleVerdict Verdict(params string[] objects) => Of("default", objects);

    private static RuleVerdict Of(string ns, params string[] objects) => Plan(objects).Verdicts[new RuleKey(RuleKey.PeerAuthentication, new(ns, "p"))];

    private static string? Scope(RuleVerdict verdict) => ((PeerAuthenticationStatus)verdict.Details).Scope;

    private static (string Reason, string Status) Ready(RuleKey rule, params string[] objects)
    {
        var plan = Plan(objects);
        var now = new DateTimeOffset(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);
        var status = StatusPlanner.Plan(plan, Sidecars.Holding(plan), new Dictionary<RuleKey, WrittenStatus>(), now, now.AddDays(-1)).Patches.Single(patch => patch.Rule == rule).Status;
        var ready = status.Conditions.Single(condition => condition.Type == ConditionTypes.Ready);
        return (ready.Reason, ready.Status);
    }
}
