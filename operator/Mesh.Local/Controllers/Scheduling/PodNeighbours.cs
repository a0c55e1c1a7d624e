using k8s.Models;

namespace Mesh.Local.Controllers.Scheduling;

/// <summary>What a pod asks of the pods near it: required affinity and anti-affinity (both ways), and an even spread. Pure.</summary>
internal sealed class PodNeighbours(V1Pod pod, IReadOnlyList<V1Pod> placed, IReadOnlyDictionary<string, V1Node> nodes)
{
    /// <summary>Null when the node suits; otherwise why it does not.</summary>
    public string? Problem(V1Node node)
    {
        var affinity = pod.Spec.Affinity;
        if ((affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Any(term => !Attracts(term, node)))
            return "didn't match pod affinity rules";
        if ((affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? []).Any(term => Near(term.TopologyKey, node).Any(other => Selects(term, pod, other))))
            return "didn't match pod anti-affinity rules";
        if (placed.Any(other => Repels(other, node))) return "didn't satisfy existing pods anti-affinity rules";
        return (pod.Spec.TopologySpreadConstraints ?? []).Where(one => one.WhenUnsatisfiable == "DoNotSchedule").Any(one => !Spreads(one, node))
            ? "didn't match pod topology spread constraints" : null;
    }

    /// <summary>How many pods are near the node that the pod would spread away from, where nothing obliges it to.</summary>
    public int Crowd(V1Node node) => (pod.Spec.TopologySpreadConstraints ?? []).Where(one => one.WhenUnsatisfiable == "ScheduleAnyway")
        .Sum(one => Near(one.TopologyKey, node).Count(other => Counts(one, other)));

    /// <summary>The first of a group that wants to be together has nobody to be with.</summary>
    private bool Attracts(V1PodAffinityTerm term, V1Node node)
    {
        if (Value(node, term.TopologyKey) is null) return false;
        return Near(term.TopologyKey, node).Any(other => Selects(term, pod, other))
            || (Selects(term, pod, pod) && !placed.Any(other => Selects(term, pod, other)));
    }

    private bool Repels(V1Pod other, V1Node node)
    {
        var terms = other.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        if (terms is null || !nodes.TryGetValue(other.Spec.NodeName, out var theirs)) return false;
        return terms.Any(term => Value(node, term.TopologyKey) is { } here && here == Value(theirs, term.TopologyKey) && Selects(term, other, pod));
    }

    private bool Spreads(V1TopologySpreadConstraint constraint, V1Node node)
    {
        if (Value(node, constraint.TopologyKey) is not { } here) return false;
        var counts = nodes.Values.Where(one => NodeAffinity.Allows(pod.Spec, one)).Select(one => Value(one, constraint.TopologyKey)).OfType<string>().Distinct().ToDictionary(place => place, _ => 0);
        foreach (var other in placed.Where(other => Counts(constraint, other)))
        {
            if (nodes.TryGetValue(other.Spec.NodeName, out var on) && Value(on, constraint.TopologyKey) is { } place && counts.TryGetValue(place, out var count)) counts[place] = count + 1;
        }

        var self = LabelMatch.Holds(constraint.LabelSelector, pod.Metadata.Labels) ? 1 : 0;
        return counts.Count == 0 || counts.GetValueOrDefault(here) + self - counts.Values.Min() <= constraint.MaxSkew;
    }

    private bool Counts(V1TopologySpreadConstraint constraint, V1Pod other) =>
        other.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty && LabelMatch.Holds(constraint.LabelSelector, other.Metadata.Labels);

    private IEnumerable<V1Pod> Near(string key, V1Node node) => Value(node, key) is { } here
        ? placed.Where(other => nodes.TryGetValue(other.Spec.NodeName, out var on) && Value(on, key) == here) : [];

    private static bool Selects(V1PodAffinityTerm term, V1Pod owner, V1Pod other)
    {
        var namespaces = term.Namespaces is { Count: > 0 } named ? named : [owner.Metadata.NamespaceProperty];
        // An empty selector of namespaces means all; others would need the namespaces' labels, and select none here.
        var anywhere = term.NamespaceSelector is { MatchLabels: null or { Count: 0 }, MatchExpressions: null or { Count: 0 } };
        return (anywhere || namespaces.Contains(other.Metadata.NamespaceProperty)) && LabelMatch.Holds(term.LabelSelector, other.Metadata.Labels);
    }

    private static string? Value(V1Node node, string key) => node.Metadata.Labels?.TryGetValue(key, out var value) == true ? value : null;
}
