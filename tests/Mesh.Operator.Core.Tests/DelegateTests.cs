using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Testing;

namespace Mesh.Operator.Core.Tests;

/// <summary>Rules that leave their requests to another VirtualService, in our words and in Istio's own cases.</summary>
public sealed class DelegateTests
{
    private static readonly string World = string.Join("\n---\n",
        Given.Service("shop", "{name: http, port: 80}"),
        Given.Service("cart", "{name: http, port: 80}", "team", "10.0.0.2"),
        Given.Pod("client-1", "app: client"),
        Given.VirtualService("shop", "{hosts: [shop], http: [{match: [{uri: {prefix: /cart}}], timeout: 3s, delegate: {name: cart, namespace: team}}, {route: [{destination: {host: shop}}]}]}"));

    private static readonly RuleKey Root = new(RuleKey.VirtualService, new("default", "shop"));

    private static readonly RuleKey Delegate = new(RuleKey.VirtualService, new("team", "cart"));

    [Fact]
    public void A_delegate_acts_where_it_is_named_and_inherits_what_it_leaves_out()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Cart("{http: [{route: [{destination: {host: cart}}]}]}")));
        var route = plan.ConfigOf("client-1").Host(80, "shop")!.Routes[0];
        Assert.Equal("VirtualService/team/cart#http[0]", route.Origin);
        Assert.Equal("outbound|80||cart.team.svc.cluster.local", route.Destinations.Single().Cluster);
        Assert.Equal(TimeSpan.FromSeconds(3), route.Timeout);
        Assert.Equal("/cart", route.Matches.Single().Path!.Value);
        Assert.Equal(["default/shop"], ((VirtualServiceStatus)plan.Verdicts[Delegate].Details).UsedBy);
        Assert.All([Root, Delegate], rule => Assert.Null(plan.Verdicts[rule].NotAccepted));
    }

    [Fact]
    public void Proxies_that_hold_a_delegates_rules_count_for_it()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Cart("{http: [{route: [{destination: {host: cart}}]}]}")));
        Assert.Equal(["routes/80"], plan.Pods[new("default", "client-1")].SectionsOf(Delegate));
    }

    [Theory]
    [InlineData("{hosts: [cart.example.org], http: [{route: [{destination: {host: cart}}]}]}", "has hosts of its own")]
    [InlineData("{exportTo: [.], http: [{route: [{destination: {host: cart}}]}]}", "is not exported to namespace default")]
    [InlineData("{http: [{route: [{destination: {host: cart}, weight: -1}]}]}", "is not valid")]
    public void A_delegate_that_may_not_act_is_told(string spec, string why)
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Cart(spec)));
        var verdict = plan.Verdicts[Root];
        Assert.Equal(ConditionReasons.DelegateNotFound, verdict.Unresolved);
        Assert.Contains(verdict.Findings, finding => finding.Path == "spec.http[0].delegate" && finding.Message.Contains(why, StringComparison.Ordinal));
        // The rule that delegates to it takes nothing, those after it do.
        Assert.Equal(["outbound|80||shop.default.svc.cluster.local"], plan.ConfigOf("client-1").Host(80, "shop")!.ClustersOf());
    }

    [Fact]
    public void A_rule_in_conflict_is_dropped_and_both_sides_hear_which_and_why()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Cart("{http: [{match: [{uri: {prefix: /other}}], route: [{destination: {host: cart}}]}, {route: [{destination: {host: cart}}]}]}")));
        Assert.Equal(2, plan.ConfigOf("client-1").Host(80, "shop")!.Routes.Length);
        Assert.Contains(plan.Verdicts[Delegate].Findings, finding => finding is { Code: FindingCodes.DelegateConflict, Path: "spec.http[0]" }
            && finding.Message.Contains("uri prefix /other is not within prefix /cart", StringComparison.Ordinal));
        Assert.Contains(plan.Verdicts[Root].Findings, finding => finding is { Code: FindingCodes.DelegateConflict, Path: "spec.http[0].delegate" });
    }

    [Fact]
    public void A_delegate_that_nobody_names_is_told_so()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(Given.VirtualService("cart", "{http: [{route: [{destination: {host: cart}}]}]}", "team")));
        Assert.Contains(plan.Verdicts[Delegate].Findings, finding => finding.Code == FindingCodes.NoEffect);
    }

    [Fact]
    public void Matches_are_merged_as_in_Istio() => ForEach("TestMergeHTTPMatchRequests/", test =>
    {
        var (matches, conflict) = DelegateMerge.Matches(Read<List<HttpMatchRequest>>(test["root"]), Read<List<HttpMatchRequest>>(test["delegate"]));
        return test["expected"] is null ? conflict is not null : conflict is null && Same(matches, Read<List<HttpMatchRequest>>(test["expected"]));
    });

    [Fact]
    public void Conflicts_are_found_as_in_Istio() => ForEach("TestHasConflict/", test =>
        DelegateConflicts.Find(Read<HttpMatchRequest>(test["root"]), Read<HttpMatchRequest>(test["leaf"])) is not null == test["expected"]!.GetValue<bool>());

    [Fact]
    public void Rules_are_merged_as_in_Istio() => ForEach("TestMergeHttpRoutes/", test =>
    {
        var root = Read<HttpRoute>(test["root"]);
        var merged = DelegateMerge.Of(Entry(new VirtualServiceSpec { Hosts = ["a"], Http = [root] }), root, Entry(new VirtualServiceSpec { Http = Read<List<HttpRoute>>(test["delegate"]) }));
        return Same(merged.Rules.Select(rule => rule.Route).ToList(), Read<List<HttpRoute>>(test["expected"]));
    });

    private static string Cart(string spec) => Given.VirtualService("cart", spec, "team");

    private static VirtualServiceEntry Entry(VirtualServiceSpec spec) =>
        new(new Rule<VirtualServiceSpec> { Key = new RuleKey(RuleKey.VirtualService, new("default", "a")), Spec = spec, SpecJson = "" });

    private static T Read<T>(JsonNode? node)
        where T : class => node.Deserialize<T>(ApiJson.Options) ?? Activator.CreateInstance<T>();

    private static bool Same<T>(T a, T b) => JsonNode.DeepEquals(JsonSerializer.SerializeToNode(a, ApiJson.Options), JsonSerializer.SerializeToNode(b, ApiJson.Options));

    private static void ForEach(string prefix, Func<JsonNode, bool> holds)
    {
        var folder = Needs.Cases("istio-function-tables");
        var cases = Yaml.Documents(File.ReadAllText(Path.Combine(folder, "pilot_pkg_model_virtualservice_test.yaml")))
            .Where(test => test["_case"]!.ToString().StartsWith(prefix, StringComparison.Ordinal) && test["_unresolved_fields"] is null)
            .ToList();
        Assert.NotEmpty(cases);
        Assert.All(cases, test => Assert.True(holds(test), test.ToJsonString()));
    }
}
