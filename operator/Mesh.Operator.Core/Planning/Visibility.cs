namespace Mesh.Operator.Core.Planning;

/// <summary>Which namespaces see an exported object.</summary>
internal static class Visibility
{
    /// <summary>
    /// No list or <c>*</c> is everyone, <c>.</c> the object's own namespace, <c>~</c> nobody, anything else a namespace by name.
    /// </summary>
    public static bool Reaches(IReadOnlyList<string> exportTo, string ownNamespace, string clientNamespace)
    {
        if (exportTo.Count == 0) return true;
        foreach (var target in exportTo)
            if (target == "*" || target == clientNamespace || (target == "." && ownNamespace == clientNamespace)) return true;
        return false;
    }

    /// <summary>Some namespace sees both.</summary>
    public static bool Overlap(IReadOnlyList<string> a, string aNamespace, IReadOnlyList<string> b, string bNamespace)
    {
        var aNames = Names(a, aNamespace);
        var bNames = Names(b, bNamespace);
        if (aNames is null) return bNames is null || bNames.Count > 0;
        return bNames is null ? aNames.Count > 0 : aNames.Overlaps(bNames);
    }

    // Null stands for every namespace.
    private static HashSet<string>? Names(IReadOnlyList<string> exportTo, string ownNamespace)
    {
        if (exportTo.Count == 0 || exportTo.Contains("*")) return null;
        return exportTo.Where(target => target != "~").Select(target => target == "." ? ownNamespace : target).ToHashSet(StringComparer.Ordinal);
    }
}
