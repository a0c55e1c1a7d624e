using Mesh.Config;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Tests;

/// <summary>What did not change stays the same instance, and the plan never depends on the one before.</summary>
public sealed class SharingTests
{
    private static readonly string World = string.Join("\n---\n",
        Given.Service("a", "{name: http, port: 80}"),
        Given.Service("b", "{name: http, port: 8080}", ip: "10.0.0.2"),
        Given.Service("set", "{name: tcp, port: 7000}", ip: "None"),
        Given.Slice("a", 80, Given.Endpoint("10.1.0.1", "a-1")),
        Given.Slice("b", 8080, Given.Endpoint("10.1.0.2", "b-1")),
        Given.Slice("set", 7000, Given.Endpoint("10.1.0.3", "set-1"), portName: "tcp"),
        Given.Pod("a-1", "app: a, version: v1"),
        Given.Pod("b-1", "app: b, version: v1", ip: "10.1.0.2"),
        Given.Pod("far-1", "app: far", ns: "far", ip: "10.1.0.9"),
        Given.DestinationRule("b", "{host: b, subsets: [{name: v1, labels: {version: v1}}]}"),
        Given.VirtualService("b", "{hosts: [b], http: [{match: [{sourceLabels: {app: a}}], route: [{destination: {host: b, subset: v1}}]}, {route: [{destination: {host: b}}]}]}"));

    [Fact]
    public void The_same_snapshot_gives_the_same_plan()
    {
        var snapshot = Cluster.Of(World);
        var plan = MeshPlanner.Plan(snapshot);
        Assert.Same(plan, MeshPlanner.Plan(snapshot, plan));
    }

    [Fact]
    public void A_change_that_concerns_nobody_leaves_every_pod_plan_as_it_is()
    {
        var snapshot = Cluster.Of(World);
        var plan = MeshPlanner.Plan(snapshot);
        var next = MeshPlanner.Plan(snapshot.With("apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}"), plan);
        Assert.NotSame(plan, next);
        foreach (var (key, pod) in plan.Pods) Assert.Same(pod, next.Pods[key]);
    }

    [Fact]
    public void An_endpoint_change_touches_one_section_and_translates_no_route_anew()
    {
        var snapshot = Cluster.Of(World);
        var plan = MeshPlanner.Plan(snapshot);
        var next = MeshPlanner.Plan(snapshot.With(Given.Slice("b", 8080, Given.Endpoint("10.1.0.22", "b-2"))), plan);
        foreach (var (key, pod) in plan.Pods)
        {
            Assert.Same(pod.Inputs.Scope, next.Pods[key].Inputs.Scope);
            Assert.Equal(["endpoints/b.default.svc.cluster.local"], Changed(pod, next.Pods[key]));
        }
    }

    [Fact]
    public void A_PeerAuthentication_touches_what_arrives_at_its_pods_and_no_route()
    {
        var snapshot = Cluster.Of(World, Given.MutualPod("b-1", "app: b, version: v1", ip: "10.1.0.2"));
        var plan = MeshPlanner.Plan(snapshot);
        var strict = snapshot.With(Given.PeerAuthentication("b", "{selector: {matchLabels: {app: b}}, mtls: {mode: STRICT}}"));
        var next = MeshPlanner.Plan(strict, plan);
        foreach (var (key, pod) in plan.Pods)
        {
            Assert.Same(pod.Inputs.Scope, next.Pods[key].Inputs.Scope);
            if (key.Name == "b-1") Assert.Equal(["inbound"], Changed(pod, next.Pods[key]));
            else Assert.Same(pod, next.Pods[key]);
        }

        // Who calls b has to speak otherwise only when b no longer takes mutual TLS.
        var disabled = MeshPlanner.Plan(strict.With(Given.PeerAuthentication("b", "{selector: {matchLabels: {app: b}}, mtls: {mode: DISABLE}}", generation: 2)), next);
        Assert.Equal(["endpoints/b.default.svc.cluster.local"], Changed(next.Pods[new ObjectKey("default", "a-1")], disabled.Pods[new ObjectKey("default", "a-1")]));
        Assert.Same(next.Pods[new ObjectKey("default", "a-1")].Inputs.Scope, disabled.Pods[new ObjectKey("default", "a-1")].Inputs.Scope);
    }

    [Fact]
    public void A_member_of_a_headless_service_changes_its_listener_too_but_no_route()
    {
        var snapshot = Cluster.Of(World);
        var plan = MeshPlanner.Plan(snapshot);
        var next = MeshPlanner.Plan(snapshot.With(Given.Slice("set", 7000, Given.Endpoint("10.1.0.33", "set-2"), portName: "tcp")), plan);
        var pod = new ObjectKey("default", "a-1");
        Assert.Equal(["endpoints/set.default.svc.cluster.local", "outbound"], Changed(plan.Pods[pod], next.Pods[pod]));
        Assert.Equal(plan.Pods[pod].Inputs.Scope.Routes, next.Pods[pod].Inputs.Scope.Routes);
    }

    [Fact]
    public void A_rule_changes_the_tables_it_is_in_and_nothing_else()
    {
        var snapshot = Cluster.Of(World);
        var plan = MeshPlanner.Plan(snapshot);
        var next = MeshPlanner.Plan(snapshot.With(Given.VirtualService("a", "{hosts: [a], http: [{timeout: 1s, route: [{destination: {host: a}}]}]}")), plan);
        foreach (var (key, pod) in plan.Pods) Assert.Equal(["routes/80"], Changed(pod, next.Pods[key]));
    }

    [Fact]
    public void Pods_of_one_scope_share_sections_and_a_matching_selector_makes_another_scope()
    {
        var plan = MeshPlanner.Plan(Cluster.Of(World, Given.Pod("b-2", "app: b", ip: "10.1.0.5")));
        PodPlan a = plan.Pods[new("default", "a-1")], b = plan.Pods[new("default", "b-1")], second = plan.Pods[new("default", "b-2")];
        Assert.Same(b.Inputs.Scope, second.Inputs.Scope);
        Assert.Equal(["inbound", "workload"], Changed(b, second).Append("inbound").Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("routes/8080", Changed(a, b));
        Assert.DoesNotContain("routes/80", Changed(a, b));
    }

    [Fact]
    public void A_plan_made_from_another_equals_one_made_from_nothing()
    {
        var documents = Yaml.Documents(World).ToArray();
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            random.Shuffle(documents);
            var snapshot = MeshSnapshot.Empty;
            MeshPlan? plan = null;
            foreach (var document in documents)
            {
                snapshot = snapshot.Put(document);
                if (random.Next(2) == 0) plan = MeshPlanner.Plan(snapshot, plan);
                if (random.Next(4) == 0)
                {
                    plan = MeshPlanner.Plan(snapshot.Remove(document), plan);
                }

                plan = MeshPlanner.Plan(snapshot, plan);
            }

            Assert.Equal(Describe(MeshPlanner.Plan(snapshot)), Describe(plan!));
        }
    }

    [Fact]
    public void The_plan_does_not_depend_on_the_order_of_events()
    {
        var documents = Yaml.Documents(World).ToArray();
        var expected = Describe(MeshPlanner.Plan(Cluster.Of(World)));
        for (var seed = 0; seed < 30; seed++)
        {
            new Random(seed).Shuffle(documents);
            var snapshot = documents.Aggregate(MeshSnapshot.Empty, (held, document) => held.Put(document));
            Assert.Equal(expected, Describe(MeshPlanner.Plan(snapshot)));
        }
    }

    [Fact]
    public void Sections_stand_in_the_order_of_their_names()
    {
        foreach (var pod in MeshPlanner.Plan(Cluster.Of(World)).Pods.Values)
        {
            Assert.Equal(pod.Sections.Select(section => section.Name).Order(StringComparer.Ordinal), pod.Sections.Select(section => section.Name));
            Assert.All(pod.Sections, section => Assert.Equal(section.Hash, pod.HashOf(section.Name)));
            Assert.Null(pod.HashOf("routes/1"));
        }
    }

    [Theory]
    [InlineData("Succeeded")]
    [InlineData("Failed")]
    public void A_finished_pod_has_no_plan(string phase)
    {
        var pod = Given.Pod("done", "app: done").Replace("Running", phase, StringComparison.Ordinal);
        Assert.Empty(MeshPlanner.Plan(Cluster.Of(pod)).Pods);
    }

    [Fact]
    public void A_pod_without_a_stamp_has_no_plan_and_a_terminating_one_still_has()
    {
        var plain = Given.Pod("plain", "app: plain").Replace("mesh.dev/config", "other", StringComparison.Ordinal);
        var leaving = Given.Pod("leaving", "app: leaving", extra: ", deletionTimestamp: '2026-01-01T00:00:00Z'");
        var plan = MeshPlanner.Plan(Cluster.Of(plain, leaving));
        Assert.True(Assert.Single(plan.Pods).Value.IsTerminating);
    }

    private static IEnumerable<string> Changed(PodPlan before, PodPlan after)
    {
        var known = before.Sections.ToDictionary(section => section.Name);
        return after.Sections.Where(section => !known.TryGetValue(section.Name, out var held) || !ReferenceEquals(held, section)).Select(section => section.Name).ToList();
    }

    private static string Describe(MeshPlan plan) => string.Join('\n',
        plan.Pods.Values.Select(pod => $"{pod.Pod} {pod.Hash} {ConfigDocument.HashOf([.. pod.Sections.Select(section => section.Ref)])}")
            .Concat(plan.Findings.Select(finding => $"{finding.Resource} {finding}")));
}
