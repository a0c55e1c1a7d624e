using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>What a person is told of a rule, one line for each thing that can be wrong.</summary>
public sealed class VerdictTests
{
    private static readonly string World = string.Join("\n---\n",
        Given.Service("reviews", "{name: http, port: 9080}"),
        Given.Service("ratings", "{name: http, port: 9080}, {name: http-admin, port: 9090}", "prod", "10.0.0.2"),
        Given.Service("db", "{name: tcp, port: 5432}", ip: "10.0.0.3"),
        Given.Pod("reviews-1", "app: reviews, version: v1"),
        Given.DestinationRule("reviews", "{host: reviews, subsets: [{name: v1, labels: {version: v1}}]}", age: 5),
        Given.VirtualService("oldest", "{hosts: [taken.example.org], http: [{route: [{destination: {host: reviews}}]}]}", age: 5));

    [Theory]
    [InlineData("reviws", "", "IST0101", "spec.http[0].route[0].destination.host", "Did you mean reviews?")]
    [InlineData("ratings", "", "IST0101", "spec.http[0].route[0].destination.host", "write ratings.prod.svc.cluster.local")]
    [InlineData("ratings.prod", "", "IST0101", "spec.http[0].route[0].destination.host", "write ratings.prod.svc.cluster.local")]
    [InlineData("elsewhere.example.org", "", "IST0101", "spec.http[0].route[0].destination.host", "create the Service")]
    [InlineData("reviews", ", subset: v2", "IST0101", "spec.http[0].route[0].destination.subset", "Did you mean v1?")]
    [InlineData("reviews", ", subset: canary", "IST0101", "spec.http[0].route[0].destination.subset", "Defined are v1")]
    [InlineData("ratings.prod.svc.cluster.local", ", subset: v1", "IST0101", "spec.http[0].route[0].destination.subset", "Create a DestinationRule")]
    [InlineData("reviews", ", port: {number: 80}", "IST0101", "spec.http[0].route[0].destination.port.number", "Its ports are 9080.")]
    [InlineData("ratings.prod.svc.cluster.local", "", "IST0112", "spec.http[0].route[0].destination.port", "number: 9080")]
    [InlineData("reviews", "", "MESH0013", "spec.http[0].route[0].destination", "kubectl get pods -n default -l app=reviews")]
    public void A_destination_that_leads_nowhere_is_told_with_a_remedy(string host, string more, string code, string path, string remedy) =>
        Tells($"{{hosts: [reviews], http: [{{route: [{{destination: {{host: {host}{more}}}}}]}}]}}", code, path, remedy);

    [Theory]
    [InlineData("{hosts: [taken.example.org], http: [{route: [{destination: {host: reviews}}]}]}", "IST0109", "spec.hosts[0]", "Move the rules into default/oldest")]
    [InlineData("{hosts: [db], http: [{route: [{destination: {host: reviews}}]}]}", "MESH0010", "spec.hosts[0]", "begin its name in the Service with http-")]
    [InlineData("{hosts: [reviews], gateways: [gw, mesh], http: [{route: [{destination: {host: reviews}}]}]}", "IST0101", "spec.gateways[0]", "create the Gateway")]
    [InlineData("{hosts: [reviews], http: [{match: [{queryParams: {'': {exact: x}}}], route: [{destination: {host: reviews}}]}]}", "IST0106", "spec.http[0].match[0]", "Correct it")]
    [InlineData("{hosts: [reviews], http: [{match: [{uri: {regex: '(?=x)'}}], route: [{destination: {host: reviews}}]}]}", "IST0106", "spec.http[0].match[0].uri.regex", "RE2")]
    [InlineData("{hosts: [reviews], http: [{headers: {request: {set: {x-a: '%CEL(x)%'}}}, route: [{destination: {host: reviews}}]}]}", "MESH0004", "spec.http[0].headers.request.set[x-a]", "Use an operator")]
    [InlineData("{hosts: [reviews], http: [{route: [{destination: {host: reviews}, headers: {response: {remove: [Content-Length]}}}]}]}", "MESH0004", "spec.http[0].route[0].headers.response.remove", "Leave it out")]
    [InlineData("{hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}, {route: [{destination: {host: reviews}}]}]}", "IST0130", "spec.http[1]", "Move")]
    public void A_rule_that_does_not_act_as_written_is_told_with_a_remedy(string spec, string code, string path, string remedy) => Tells(spec, code, path, remedy);

    [Theory]
    [InlineData("{host: reviws}", "IST0174", "spec.host", "Did you mean reviews?")]
    [InlineData("{host: reviews, subsets: [{name: v9, labels: {version: v9}}]}", "IST0173", "spec.subsets[0]", "Correct the labels")]
    [InlineData("{host: reviews.default.svc.cluster.local}", "MESH0012", "spec.host", "Put all into default/reviews")]
    [InlineData("{host: reviews, trafficPolicy: {loadBalancer: {zoneAwareLbSetting: {enabled: true}}}}", "MESH0001", "spec.trafficPolicy.loadBalancer.zoneAwareLbSetting", "docs/features.md")]
    public void A_policy_that_does_not_act_as_written_is_told_with_a_remedy(string spec, string code, string path, string remedy)
    {
        var verdict = MeshPlanner.Plan(Cluster.Of(World, Given.DestinationRule("new", spec))).Verdicts[new RuleKey(RuleKey.DestinationRule, new("default", "new"))];
        var finding = Assert.Single(verdict.Findings, finding => finding.Code == code && finding.Path == path);
        Assert.Contains(remedy, finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_without_a_share_may_have_no_pods()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(
            World,
            Given.Slice("reviews", 9080, Given.Endpoint("10.1.0.1", "reviews-1")),
            Given.DestinationRule("more", "{host: reviews, subsets: [{name: v2, labels: {version: v2}}]}"),
            Given.VirtualService("new", "{hosts: [reviews], http: [{route: [{destination: {host: reviews, subset: v1}, weight: 100}, {destination: {host: reviews, subset: v2}, weight: 0}]}]}")));
        Assert.Empty(plan.Verdicts[new RuleKey(RuleKey.VirtualService, new("default", "new"))].Findings);
    }

    [Fact]
    public void The_older_of_two_stays_in_force_and_hears_of_the_other()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Given.VirtualService("new", "{hosts: [taken.example.org, free.example.org], http: [{route: [{destination: {host: reviews}}]}]}")));
        var oldest = plan.Verdicts[new RuleKey(RuleKey.VirtualService, new("default", "oldest"))];
        Assert.Null(oldest.NotAccepted);
        Assert.Equal(Severity.Warning, Assert.Single(oldest.Findings, finding => finding.Code == "IST0109").Severity);
        var verdict = plan.Verdicts[new RuleKey(RuleKey.VirtualService, new("default", "new"))];
        Assert.Null(verdict.NotAccepted);
        Assert.Equal(["default/oldest", "default/new"], ((VirtualServiceStatus)verdict.Details).Hosts.Select(host => host.Owner));
    }

    private static void Tells(string spec, string code, string path, string remedy)
    {
        var verdict = MeshPlanner.Plan(Cluster.Of(World, Given.VirtualService("new", spec))).Verdicts[new RuleKey(RuleKey.VirtualService, new("default", "new"))];
        var finding = Assert.Single(verdict.Findings, finding => finding.Code == code && finding.Path == path);
        Assert.Contains(remedy, finding.Remedy, StringComparison.Ordinal);
    }
}
