using System.Collections.Immutable;
using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Selection;

/// <summary>A label selector, from a query ("app=x,tier in (a,b),!old") or from an object (matchLabels, matchExpressions).</summary>
internal sealed class LabelSelector(ImmutableArray<LabelRequirement> requirements)
{
    public static LabelSelector Everything { get; } = new([]);

    public bool IsEmpty => requirements.IsEmpty;

    public bool Matches(JsonElement item)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement.Matches(item.Text("metadata", "labels", requirement.Key)))
                return false;
        }

        return true;
    }

    public bool MatchesLabels(Func<string, string?> label) => requirements.All(requirement => requirement.Matches(label(requirement.Key)));

    /// <summary>An absent or empty selector object selects everything.</summary>
    public static LabelSelector FromObject(JsonElement? selector)
    {
        if (selector is not { } given)
            return Everything;
        var found = given.Properties("matchLabels")
            .Select(pair => new LabelRequirement(pair.Name, LabelOperator.In, [pair.Value.GetString() ?? ""]))
            .ToList();
        foreach (var expression in given.Items("matchExpressions"))
        {
            var kind = expression.Text("operator") switch
            {
                "In" => LabelOperator.In,
                "NotIn" => LabelOperator.NotIn,
                "Exists" => LabelOperator.Exists,
                _ => LabelOperator.NotExists,
            };
            found.Add(new LabelRequirement(
                expression.Text("key") ?? "", kind, [.. expression.Items("values").Select(value => value.GetString() ?? "")]));
        }

        return new LabelSelector([.. found]);
    }

    public static LabelSelector Parse(string text) =>
        string.IsNullOrWhiteSpace(text) ? Everything : new LabelSelector(new LabelSelectorParser(text).Read());
}
