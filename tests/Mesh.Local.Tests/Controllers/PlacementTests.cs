using k8s.Models;
using Mesh.Local.Controllers.Scheduling;

namespace Mesh.Local.Tests.Controllers;

public sealed class PlacementTests
{
    private static readonly V1Node[] Nodes = [Node("a", "one"), Node("b", "one"), Node("c", "two")];

    [Fact]
    public void Of_nodes_that_fit_the_emptiest_is_chosen() => Assert.Equal("c", Find(Pod("new", null), Pod("x", "a"), Pod("y", "b")));

    [Fact]
    public void A_spread_that_obliges_nobody_goes_before_the_emptiest_node()
    {
        Assert.Equal("b", Find(Spread("new", "kubernetes.io/hostname"), Spread("old", "a"), Pod("x", "b"), Pod("y", "c"), Pod("z", "c")));
        Assert.Equal("c", Find(Spread("new", "topology.kubernetes.io/zone"), Spread("old", "a"), Pod("x", "c"), Pod("y", "c")));
    }

    [Fact]
    public void Where_every_place_is_taken_it_runs_all_the_same() =>
        Assert.Equal("a", Find(Spread("new", "kubernetes.io/hostname"), Spread("1", "a"), Spread("2", "b"), Spread("3", "c")));

    private static string? Find(V1Pod pod, params V1Pod[] placed) => Placement.Find(pod, Nodes, placed).Node?.Metadata.Name;

    // Where it runs, or what it spreads over.
    private static V1Pod Spread(string name, string where)
    {
        var pod = Pod(name, where.Contains('/', StringComparison.Ordinal) ? null : where);
        pod.Metadata.Labels = new Dictionary<string, string> { ["app"] = "spread" };
        pod.Spec.TopologySpreadConstraints =
        [
            new V1TopologySpreadConstraint { MaxSkew = 1, TopologyKey = where, WhenUnsatisfiable = "ScheduleAnyway", LabelSelector = new V1LabelSelector { MatchLabels = pod.Metadata.Labels } },
        ];
        return pod;
    }

    private static V1Pod Pod(string name, string? node) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = name },
        Spec = new V1PodSpec { NodeName = node, Containers = [] },
    };

    private static V1Node Node(string name, string zone) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = name, ["topology.kubernetes.io/zone"] = zone } },
        Spec = new V1NodeSpec(),
    };
}
