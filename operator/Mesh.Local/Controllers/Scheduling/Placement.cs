using System.Collections.Immutable;
using k8s.Models;

namespace Mesh.Local.Controllers.Scheduling;

/// <summary>The node for a pod: of those that take it, the one where fewest of its like are that it would rather not be near, then the one with the fewest pods. Pure.</summary>
internal static class Placement
{
    public static (V1Node? Node, string Problem) Find(V1Pod pod, IEnumerable<V1Node> all, IEnumerable<V1Pod> pods)
    {
        var nodes = all.ToImmutableDictionary(node => node.Metadata.Name);
        var placed = pods.Where(other => !string.IsNullOrEmpty(other.Spec.NodeName) && !PodTemplates.IsFinished(other)).ToList();
        var counts = placed.CountBy(other => other.Spec.NodeName).ToDictionary();
        var neighbours = new PodNeighbours(pod, placed, nodes);
        var problems = new List<string>();
        var fitting = new List<V1Node>();
        foreach (var node in nodes.Values)
        {
            if (Problem(pod, node, neighbours) is { } problem) problems.Add(problem);
            else fitting.Add(node);
        }

        var chosen = fitting.OrderBy(neighbours.Crowd).ThenBy(node => counts.GetValueOrDefault(node.Metadata.Name)).ThenBy(node => node.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();
        return (chosen, chosen is null ? Told(nodes.Count, problems) : "");
    }

    private static string? Problem(V1Pod pod, V1Node node, PodNeighbours neighbours)
    {
        if (Taints.Repelling(pod.Spec, node) is { } taint)
            return taint.Key == Taints.Unschedulable ? "were unschedulable" : $"had untolerated taint {{{taint.Key}: {taint.Value}}}";
        return NodeAffinity.Allows(pod.Spec, node) ? neighbours.Problem(node) : "didn't match Pod's node affinity/selector";
    }

    private static string Told(int nodes, List<string> problems)
    {
        if (nodes == 0) return "no nodes available to schedule pods";
        var counted = problems.CountBy(problem => problem).Select(pair => $"{pair.Value} node(s) {pair.Key}").Order(StringComparer.Ordinal);
        return $"0/{nodes} nodes are available: {string.Join(", ", counted)}. no new claims to deallocate, preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.";
    }
}
