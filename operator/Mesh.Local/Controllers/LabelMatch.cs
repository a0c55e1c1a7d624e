using k8s.Models;

namespace Mesh.Local.Controllers;

/// <summary>Label selectors as the API defines them. Pure.</summary>
internal static class LabelMatch
{
    /// <summary>All of the pairs are among the labels.</summary>
    public static bool Holds(IDictionary<string, string>? wanted, IDictionary<string, string>? labels) =>
        wanted is null || wanted.All(w => labels is not null && labels.TryGetValue(w.Key, out var value) && value == w.Value);

    public static bool Holds(V1LabelSelector? selector, IDictionary<string, string>? labels) =>
        selector is not null && Holds(selector.MatchLabels, labels) && (selector.MatchExpressions ?? []).All(e => Holds(e, labels));

    private static bool Holds(V1LabelSelectorRequirement requirement, IDictionary<string, string>? labels)
    {
        string? value = null;
        var has = labels?.TryGetValue(requirement.Key, out value) == true;
        return requirement.OperatorProperty switch
        {
            "In" => has && requirement.Values.Contains(value!),
            "NotIn" => !has || !requirement.Values.Contains(value!),
            "Exists" => has,
            "DoesNotExist" => !has,
            _ => false,
        };
    }
}
