using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Whether every request that meets one match also meets another. Errs towards no, so that no warning is wrong.</summary>
internal static class MatchCoverage
{
    /// <summary>Whether <paramref name="wide"/> takes every request that <paramref name="narrow"/> takes.</summary>
    public static bool Covers(HttpMatchRequest wide, HttpMatchRequest narrow) =>
        CoversPath(wide, narrow)
        && Covers(wide.Scheme, narrow.Scheme) && Covers(wide.Method, narrow.Method) && Covers(wide.Authority, narrow.Authority)
        && Covers(wide.Headers, narrow.Headers) && Covers(wide.QueryParams, narrow.QueryParams)
        && wide.WithoutHeaders.All(w => narrow.WithoutHeaders.TryGetValue(w.Key, out var n) && Equals(w.Value, n))
        && (wide.Port is null || wide.Port == narrow.Port)
        && (wide.SourceNamespace is null || wide.SourceNamespace == narrow.SourceNamespace)
        && wide.SourceLabels.All(w => narrow.SourceLabels.TryGetValue(w.Key, out var n) && w.Value == n)
        && (wide.Gateways.Count == 0 && narrow.Gateways.Count == 0 || narrow.Gateways.Count > 0 && narrow.Gateways.All(wide.Gateways.Contains));

    /// <summary>Both are prefixes of the path, and one begins with the other.</summary>
    public static bool IsPrefixOfPrefix(HttpMatchRequest wide, HttpMatchRequest narrow) =>
        wide.Uri?.Prefix is { } prefix && narrow.Uri?.Prefix is { } longer && longer.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    private static bool CoversPath(HttpMatchRequest wide, HttpMatchRequest narrow)
    {
        if (wide.Uri is null || wide.Uri.Prefix == "/" || wide.Uri.Regex is ".*" or "/.*")
            return true;
        var wideIgnores = wide.IgnoreUriCase ?? false;
        var narrowIgnores = narrow.IgnoreUriCase ?? false;
        return (wideIgnores || !narrowIgnores) && Covers(wide.Uri, narrow.Uri, wideIgnores ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    private static bool Covers(IReadOnlyDictionary<string, StringMatch?> wide, IReadOnlyDictionary<string, StringMatch?> narrow) =>
        wide.All(w => narrow.TryGetValue(w.Key, out var n) && n is not null && Covers(w.Value, n));

    private static bool Covers(StringMatch? wide, StringMatch? narrow, StringComparison comparison = StringComparison.Ordinal)
    {
        if (wide is null || wide.IsPresence && narrow is not null)
            return true;
        if (narrow is null)
            return false;
        if (wide.Prefix is { } prefix)
            return narrow.Exact?.StartsWith(prefix, comparison) ?? narrow.Prefix?.StartsWith(prefix, comparison) ?? false;
        if (wide.Exact is { } exact)
            return exact.Equals(narrow.Exact, comparison);
        return wide.Regex == narrow.Regex;
    }
}
