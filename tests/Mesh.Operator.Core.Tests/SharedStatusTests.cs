using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Core.Status;

namespace Mesh.Operator.Core.Tests;

/// <summary>Statuses of kinds whose definition another mesh brought.</summary>
public sealed class SharedStatusTests
{
    private static readonly DateTimeOffset Noon = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Mesh =
    [
        Given.Service("b", "{name: http, port: 8080}"), Given.Slice("b", 8080, Given.Endpoint("10.1.0.2", "b-1")),
        Given.Pod("a-1", "app: a"), Given.Pod("b-1", "app: b", ip: "10.1.0.2"),
        "{apiVersion: v1, kind: Pod, metadata: {name: i-1, namespace: theirs, labels: {app: i}}, spec: {containers: [{name: app}, {name: istio-proxy}]}, status: {phase: Running, podIP: 10.2.0.1}}",
    ];

    private static readonly string Rule = Given.VirtualService("b", "{hosts: [b], http: [{route: [{destination: {host: b}}]}]}");

    [Fact]
    public void Only_conditions_are_written_where_the_definition_is_anothers()
    {
        var status = Assert.Single(Patches("virtualservices.networking.istio.io", [], Rule)).Status;

        Assert.Equal(["Accepted", "ResolvedRefs", "Programmed", "Ready"], status.Conditions.Select(condition => condition.Type));
        Assert.Equal((null, null, null, 0), (status.Applied, status.Proxies, status.ObservedGeneration, status.Findings.Count));
        Assert.Empty(((VirtualServiceStatus)status).Hosts);
    }

    [Fact]
    public void Other_kinds_have_their_whole_status()
    {
        var patch = Assert.Single(Patches("gateways.networking.istio.io", [], Rule));

        Assert.Equal((false, "2/2"), (patch.IsShared, patch.Status.Applied));
    }

    [Fact]
    public void A_second_run_writes_nothing_wherever_others_stand()
    {
        var before = new VirtualServiceStatus { ObservedGeneration = 7, Conditions = [Theirs("Reconciled"), Theirs("Reviewed")] };
        var status = Assert.Single(Patches("virtualservices.networking.istio.io", Stands(before), Rule)).Status;
        Assert.Equal(["Reconciled", "Reviewed", "Accepted", "ResolvedRefs", "Programmed", "Ready"], status.Conditions.Select(condition => condition.Type));
        var shuffled = status with { Conditions = [status.Conditions[2], Theirs("Reconciled"), .. status.Conditions.Skip(3), Theirs("Reviewed")] };

        Assert.Empty(Patches("virtualservices.networking.istio.io", Stands(shuffled), Rule));
    }

    [Theory]
    [InlineData("{hosts: [b], exportTo: [elsewhere], http: [{route: [{destination: {host: b}}]}]}", false)]
    [InlineData("{hosts: [b], gateways: [gate], http: [{route: [{destination: {host: b}}]}]}", false)]
    [InlineData("{hosts: [b], http: [{route: [{destination: {host: gone}}]}]}", true)]
    [InlineData("{hosts: [b], http: [{route: [{destination: {host: b}}], retries: {attempts: 1, retryOn: sometimes}}]}", true)]
    public void A_rule_that_no_sidecar_of_ours_may_be_told_is_left_alone(string spec, bool concerns) =>
        Assert.Equal(concerns, Patches("virtualservices.networking.istio.io", [], Given.VirtualService("b", spec)).Count > 0);

    [Theory]
    [InlineData("default", "{app: b}", true)]
    [InlineData("istio-system", "{app: b}", true)]
    [InlineData("default", "{app: i}", false)]
    [InlineData("theirs", "{app: i}", false)]
    public void A_policy_of_a_kind_not_acted_on_is_told_so_only_where_it_selects_a_pod_of_ours(string ns, string labels, bool concerns)
    {
        var snapshot = Cluster.Of(Mesh).PutDefinition(Definition("authorizationpolicies.security.istio.io"));
        var policy = new Api.Security.V1AuthorizationPolicy
        {
            Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = ns, Uid = "p" },
            Spec = new Api.Security.AuthorizationPolicySpec { Selector = new WorkloadSelector { MatchLabels = Yaml.Documents(labels).First().AsObject().ToDictionary(label => label.Key, label => (string)label.Value!) } },
        };

        Assert.Equal(concerns, Patches(snapshot.PutAny(policy), []).Count > 0);
    }

    [Fact]
    public void What_no_longer_concerns_us_loses_our_conditions_and_keeps_the_others()
    {
        var ours = Assert.Single(Patches("virtualservices.networking.istio.io", [], Rule)).Status;
        var stands = Stands(ours with { Conditions = [Theirs("Reconciled"), .. ours.Conditions] });
        var bare = Cluster.Of(Mesh[..2]).With(Rule).PutDefinition(Definition("virtualservices.networking.istio.io"));

        var status = Assert.Single(Patches(bare, stands)).Status;

        Assert.Equal(["Reconciled"], status.Conditions.Select(condition => condition.Type));
        Assert.Empty(Patches(bare, Stands(status)));
    }

    [Fact]
    public void A_condition_of_someone_else_that_has_the_name_of_one_of_ours_stays_where_we_say_nothing()
    {
        var stands = Stands(new VirtualServiceStatus { Conditions = [Theirs("Ready")] });

        Assert.Empty(Patches(Cluster.Of(Mesh[..2]).With(Rule).PutDefinition(Definition("virtualservices.networking.istio.io")), stands));
        Assert.True(JsonNode.DeepEquals(Json("{conditions: [{type: Ready, status: 'True'}]}"), SharedStatus.Written(Json("{conditions: [{type: Ready, status: 'True'}]}"), new VirtualServiceStatus())));
    }

    [Fact]
    public void Over_the_wire_others_stay_as_they_are_with_all_they_hold()
    {
        var current = Json("{observedGeneration: '4', applied: 3/3, conditions: [{type: Reconciled, status: 'True', observedGeneration: '4', lastProbeTime: '2026-01-01T00:00:00.123Z', more: 1}, {type: Ready, status: 'True', lastTransitionTime: '2026-01-01T00:00:00.5Z'}], validationMessages: [{level: 3}]}");
        var wanted = new VirtualServiceStatus { Conditions = [Theirs("Reconciled"), Ours("Accepted"), Ours("Ready")] };

        var written = SharedStatus.Written(current, wanted);

        Assert.Equal("""{"observedGeneration":"4","conditions":[{"type":"Reconciled","status":"True","observedGeneration":"4","lastProbeTime":"2026-01-01T00:00:00.123Z","more":1},{"type":"Ready","status":"True","reason":"","message":"","lastTransitionTime":"2026-01-01T00:00:00.5Z"},{"type":"Accepted","status":"True","reason":"","message":"","lastTransitionTime":"2026-02-01T12:00:00Z"}],"validationMessages":[{"level":3}]}""",
            written.ToJsonString());
    }

    [Fact]
    public void A_definition_is_ours_by_its_label_and_follows_it()
    {
        var theirs = Cluster.Of(Mesh).PutDefinition(Definition("virtualservices.networking.istio.io"));
        Assert.Equal(["VirtualService"], theirs.SharedKinds);
        Assert.Same(theirs, theirs.PutDefinition(Definition("widgets.example.org")));
        Assert.Empty(theirs.PutDefinition(Definition("virtualservices.networking.istio.io", MeshLabels.PartOfMesh)).SharedKinds);
        Assert.Empty(theirs.RemoveDefinition(Definition("virtualservices.networking.istio.io")).SharedKinds);
    }

    [Fact]
    public void Analysis_says_once_where_to_look_instead()
    {
        V1CustomResourceDefinition[] definitions = [Of("virtualservices.networking.istio.io"), Of("gateways.networking.istio.io"), Of("sidecars.networking.istio.io", MeshLabels.PartOfMesh), Of("widgets.example.org")];

        var finding = Assert.Single(Analysis.MeshAnalysis.OfCluster(definitions, Noon), finding => finding.Code == FindingCodes.DefinitionOfAnother);

        Assert.Equal(("CustomResourceDefinition/gateways.networking.istio.io", Severity.Info), (finding.Resource, finding.Severity));
        Assert.StartsWith("Gateway, VirtualService: ", finding.Message, StringComparison.Ordinal);
    }

    private static List<StatusPatch> Patches(string definition, Dictionary<RuleKey, WrittenStatus> written, string rule) =>
        Patches(Cluster.Of(Mesh).With(rule).PutDefinition(Definition(definition)), written);

    private static List<StatusPatch> Patches(MeshSnapshot snapshot, Dictionary<RuleKey, WrittenStatus> written)
    {
        var plan = MeshPlanner.Plan(snapshot);
        return [.. StatusPlanner.Plan(plan, Sidecars.Holding(plan), written, Noon, Noon.AddDays(-1)).Patches];
    }

    private static Dictionary<RuleKey, WrittenStatus> Stands(RuleStatus status) => new() { [new RuleKey(RuleKey.VirtualService, new ObjectKey("default", "b"))] = new WrittenStatus { Status = status } };

    private static V1ObjectMeta Definition(string name, string partOf = "istio") => new() { Name = name, Labels = new Dictionary<string, string> { [MeshLabels.PartOf] = partOf } };

    private static V1CustomResourceDefinition Of(string name, string partOf = "istio") => new() { Metadata = Definition(name, partOf) };

    private static Condition Theirs(string type) => new() { Type = type, Status = "True" };

    private static Condition Ours(string type) => new() { Type = type, Status = "True", LastTransitionTime = Noon };

    private static JsonObject Json(string yaml) => Yaml.Documents(yaml).First().AsObject();
}
