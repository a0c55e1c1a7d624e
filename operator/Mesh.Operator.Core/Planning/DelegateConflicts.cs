using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>Whether a match of a delegate lies within a match of the rule that delegates; what two regular expressions share is never guessed.</summary>
internal static class DelegateConflicts
{
    /// <summary>What is in conflict, in words; null if nothing is.</summary>
    public static string? Find(HttpMatchRequest root, HttpMatchRequest own)
    {
        if (Outside(root.Uri, own.Uri)) return Said("uri", root.Uri, own.Uri);
        if (Outside(root.Scheme, own.Scheme)) return Said("scheme", root.Scheme, own.Scheme);
        if (Outside(root.Method, own.Method)) return Said("method", root.Method, own.Method);
        if (Outside(root.Authority, own.Authority)) return Said("authority", root.Authority, own.Authority);
        return Find("headers", root.Headers, own.Headers)
            ?? Find("withoutHeaders", root.WithoutHeaders, own.WithoutHeaders)
            ?? Find("queryParams", root.QueryParams, own.QueryParams)
            ?? Other(root, own);
    }

    private static string? Find(string field, IReadOnlyDictionary<string, StringMatch?> root, IReadOnlyDictionary<string, StringMatch?> own)
    {
        foreach (var (key, value) in own)
            if (root.TryGetValue(key, out var wanted) && Outside(wanted, value)) return Said($"{field}[{key}]", wanted, value);
        return null;
    }

    private static string? Other(HttpMatchRequest root, HttpMatchRequest own)
    {
        if ((root.IgnoreUriCase ?? false) != (own.IgnoreUriCase ?? false)) return "ignoreUriCase differs";
        if (root.Port is > 0 && own.Port is > 0 && root.Port != own.Port) return $"port {own.Port} is not {root.Port}";
        if (!string.IsNullOrEmpty(root.SourceNamespace) && own.SourceNamespace != root.SourceNamespace)
            return $"sourceNamespace {(string.IsNullOrEmpty(own.SourceNamespace) ? "(any)" : own.SourceNamespace)} is not {root.SourceNamespace}";
        if (!LabelSet.Of(own.SourceLabels).Satisfies(LabelSet.Of(root.SourceLabels))) return "sourceLabels are not all of the delegating rule's";
        if (root.Gateways.Count > 0 && own.Gateways.Any(gateway => !root.Gateways.Contains(gateway))) return "gateways are not all among the delegating rule's";
        return null;
    }

    private static bool Outside(StringMatch? root, StringMatch? own)
    {
        if (root is null || own is null || root.IsPresence) return false;
        if (!string.IsNullOrEmpty(root.Regex)) return !own.IsPresence;
        if (!string.IsNullOrEmpty(own.Regex)) return true;
        if (!string.IsNullOrEmpty(root.Exact)) return own.Exact != root.Exact;
        return (own.Exact ?? own.Prefix) is { Length: > 0 } text && !text.StartsWith(root.Prefix ?? "", StringComparison.Ordinal);
    }

    private static string Said(string field, StringMatch? root, StringMatch? own) => $"{field} {Text(own)} is not within {Text(root)}";

    private static string Text(StringMatch? match) => match switch
    {
        { Exact: { } exact } => $"exact {exact}",
        { Prefix: { } prefix } => $"prefix {prefix}",
        { Regex: { } regex } => $"regex {regex}",
        _ => "(present)",
    };
}
