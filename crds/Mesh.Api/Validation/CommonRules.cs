using Mesh.Config;

namespace Mesh.Api.Validation;

/// <summary>Rules that several kinds share: durations, percentages, labels, expressions, namespaces, gateways.</summary>
internal static class CommonRules
{
    private const int LongestExpression = 1024;

    /// <summary>A duration of at least 1 ms, in whole milliseconds.</summary>
    public static void Duration(FindingList found, string path, Duration? value, bool zeroAllowed = false)
    {
        if (value is null)
            return;
        if (!value.IsValid)
            found.Error(path, value, "This is no duration.", "Write a number with its unit, such as 5s, 0.5s, 250ms or 1h2m.");
        else if (zeroAllowed && value.Nanoseconds == 0)
            return;
        else if (value.Nanoseconds < 1_000_000)
            found.Error(path, value, "A duration here is at least 1 ms.", zeroAllowed ? "Write 1ms or more, or 0s for no limit." : "Write 1ms or more, or leave the field out.");
        else if (!value.IsWholeMilliseconds)
            found.Error(path, value, "Durations are counted in whole milliseconds.", "Round it, e.g. to 2s or 250ms.");
    }

    /// <summary>A share of requests: 0, or 0.0001 to 100.</summary>
    public static void Percent(FindingList found, string path, Percent? value)
    {
        if (value?.Value is { } number && (number is < 0 or > 100 or (> 0 and < 0.0001) || double.IsNaN(number)))
            found.Error(path + ".value", number, "A percentage is 0, or between 0.0001 and 100.", "Write a number between 0 and 100.");
    }

    /// <summary>A whole percentage.</summary>
    public static void Percent(FindingList found, string path, int? value)
    {
        if (value is < 0 or > 100)
            found.Error(path, value, "A percentage is between 0 and 100.", "Write a number between 0 and 100.");
    }

    /// <summary>A count.</summary>
    public static void NotNegative(FindingList found, string path, long? value)
    {
        if (value < 0)
            found.Error(path, value, "A count cannot be negative.", "Write 0 or more, or leave the field out for its default.");
    }

    /// <summary>An expression in RE2 syntax.</summary>
    public static void Expression(FindingList found, string path, string expression)
    {
        if (expression.Length == 0)
            found.Error(path, expression, "An empty expression matches only the empty text.", "Write an expression, or leave the match out; .* matches everything.");
        else if (System.Text.Encoding.UTF8.GetByteCount(expression) is var length and > LongestExpression)
            found.Error(path, expression, $"An expression has at most {LongestExpression} characters (as UTF-8 counts them); this one has {length}.", "Split the rule into several matches.");
        else if (Re2.Problem(expression) is { } problem)
            found.Error(path, expression, $"{problem.Replace($"'{expression}'", "This", StringComparison.Ordinal)}.", "Write it in RE2 syntax (no look-around, no back-references).");
    }

    /// <summary>A comparison of texts.</summary>
    public static void Text(FindingList found, string path, StringMatch? match)
    {
        if (match is null)
            return;
        if (match.Prefix is { Length: 0 })
            found.Error(path + ".prefix", "", "An empty prefix matches everything.", "Write a prefix, or {} to ask only that it is there.");
        if (match.Regex is { } expression)
            Expression(found, path + ".regex", expression);
        if ((match.Exact is null ? 0 : 1) + (match.Prefix is null ? 0 : 1) + (match.Regex is null ? 0 : 1) > 1)
            found.Error(path, null, "Only one of exact, prefix and regex may be given.", "Keep one of them.");
    }

    /// <summary>Labels a pod may carry.</summary>
    public static void Labels(FindingList found, string path, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (key, value) in labels)
        {
            if (!LabelSyntax.IsKey(key))
                found.Error($"{path}[{key}]", key, "This is no label key.", "Write letters, digits, '-', '_' and '.', at most 63, optionally after a DNS prefix and '/'.");
            if (!LabelSyntax.IsValue(value))
                found.Error($"{path}[{key}]", value, "This is no label value.", "Write letters, digits, '-', '_' and '.', at most 63, beginning and ending with a letter or digit.");
        }
    }

    /// <summary>Labels that choose pods of the object's namespace.</summary>
    public static void Selector(FindingList found, string path, WorkloadSelector? selector)
    {
        if (selector is null)
            return;
        if (selector.MatchLabels.Count == 0)
            found.Warning(path, null, "The selector names no label, so it selects every pod of the namespace.", "Add matchLabels, or remove the selector.");
        foreach (var (key, value) in selector.MatchLabels)
        {
            var at = $"{path}.matchLabels[{key}]";
            if (key.Length == 0)
                found.Error(at, value, "A label needs a key.", "Write the label's key.");
            if (key.Contains('*', StringComparison.Ordinal) || value.Contains('*', StringComparison.Ordinal))
                found.Error(at, value, "Labels are compared as they are; wildcards are not understood.", "Write the label's whole value.");
        }
    }

    /// <summary>Names of gateways, or the word <c>mesh</c>.</summary>
    public static void Gateways(FindingList found, string path, IReadOnlyList<string> gateways)
    {
        for (var i = 0; i < gateways.Count; i++)
        {
            var at = $"{path}[{i}]";
            var parts = gateways[i].Split('/', 2);
            if (parts.Length == 2)
            {
                if (!DnsNames.IsLabel(parts[0]) || !DnsNames.IsLabel(parts[1]))
                    found.Error(at, gateways[i], "This is no name of a gateway.", "Write NAMESPACE/NAME, or NAME for a gateway of this namespace, or mesh for all sidecars.");
                continue;
            }

            if (DnsNames.NameProblem(gateways[i]) is { } problem)
                found.Error(at, gateways[i], $"This is no name of a gateway: {problem}.", "Write NAMESPACE/NAME, or NAME for a gateway of this namespace, or mesh for all sidecars.");
            else if (gateways[i].Split('.') is [var name, var space, ..])
                found.Deprecated(at, gateways[i], $"{space}/{name}");
        }
    }

    /// <summary>Namespaces a rule is seen in.</summary>
    public static void ExportTo(FindingList found, string path, IReadOnlyList<string> exportTo, string? ownNamespace, bool nobodyAllowed = false)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < exportTo.Count; i++)
        {
            var entry = exportTo[i];
            if (entry is not ("." or "*") && !(nobodyAllowed && entry == "~") && !DnsNames.IsLabel(entry))
                found.Error($"{path}[{i}]", entry, "This is no namespace.", "Write '*' for all namespaces, '.' for this one, or a namespace's name.");
            else if (!seen.Add(entry == "." && ownNamespace is not null ? ownNamespace : entry))
                found.Error($"{path}[{i}]", entry, "This namespace is already listed.", "List each namespace once; '.' is this one.");
        }

        if (exportTo.Count > 1 && exportTo.Contains("~"))
            found.Error(path, string.Join(", ", exportTo), "'~' means nobody.", "Keep '~' alone, or list namespaces without it.");
        if (exportTo.Count > 1 && exportTo.Contains("*"))
            found.Error(path, string.Join(", ", exportTo), "'*' already means all namespaces.", "Keep '*' alone, or list namespaces without it.");
    }
}
