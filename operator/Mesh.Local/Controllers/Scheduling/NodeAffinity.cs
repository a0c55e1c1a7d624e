using System.Globalization;
using k8s.Models;

namespace Mesh.Local.Controllers.Scheduling;

/// <summary>
/// Where a pod may run. What enters are a pod, the nodes and the pods that stand on them; what leaves is which nodes take it
/// and, of the others, why not. Pure. What is not looked at: what pods request of CPU and memory, volumes, and preferences.
/// Here: the nodes a pod asks for itself, by nodeSelector and required node affinity.
/// </summary>
internal static class NodeAffinity
{
    public static bool Allows(V1PodSpec pod, V1Node node)
    {
        if (!LabelMatch.Holds(pod.NodeSelector, node.Metadata.Labels)) return false;
        var required = pod.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        return required is null || (required.NodeSelectorTerms ?? []).Any(term => Holds(term, node));
    }

    /// <summary>A term without any requirement finds nothing.</summary>
    private static bool Holds(V1NodeSelectorTerm term, V1Node node)
    {
        var (labels, fields) = (term.MatchExpressions ?? [], term.MatchFields ?? []);
        return labels.Count + fields.Count > 0
            && labels.All(one => Holds(one, node.Metadata.Labels?.TryGetValue(one.Key, out var value) == true ? value : null))
            && fields.All(one => Holds(one, one.Key == "metadata.name" ? node.Metadata.Name : null));
    }

    private static bool Holds(V1NodeSelectorRequirement requirement, string? value) => requirement.OperatorProperty switch
    {
        "In" => value is not null && requirement.Values.Contains(value),
        "NotIn" => value is null || !requirement.Values.Contains(value),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compared(requirement, value) > 0,
        "Lt" => Compared(requirement, value) < 0,
        _ => false,
    };

    private static int? Compared(V1NodeSelectorRequirement requirement, string? value) =>
        long.TryParse(value, CultureInfo.InvariantCulture, out var left) && long.TryParse(requirement.Values?.FirstOrDefault(), CultureInfo.InvariantCulture, out var right)
            ? left.CompareTo(right) : null;
}
