namespace Mesh.Cli.Routes;

/// <summary>Who asks: a namespace, a pod in it, or any pod with certain labels.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Pod">A pod of the files, or the workload it belongs to; null for any.</param>
/// <param name="Labels">Labels of a pod that need not exist.</param>
internal sealed record RouteCaller(string Namespace, string? Pod, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>Reads <c>NAMESPACE</c>, <c>NAMESPACE/POD</c> or <c>NAMESPACE?app=x,version=y</c>; null if it is none of these.</summary>
    public static RouteCaller? Parse(string text)
    {
        var question = text.IndexOf('?', StringComparison.Ordinal);
        var (place, labels) = question < 0 ? (text, "") : (text[..question], text[(question + 1)..]);
        var slash = place.IndexOf('/', StringComparison.Ordinal);
        var (space, pod) = slash < 0 ? (place, (string?)null) : (place[..slash], place[(slash + 1)..]);
        // NAMESPACE/?app=x says the same as NAMESPACE?app=x.
        if (pod?.Length == 0 && question >= 0) pod = null;
        if (space.Length == 0 || pod?.Length == 0 || (pod is not null && question >= 0)) return null;
        var read = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels.Split([',', '&'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (label.Split('=', 2) is not [{ Length: > 0 } key, var value]) return null;
            read[key] = value;
        }

        return new RouteCaller(space, pod, read);
    }

    public override string ToString() => Pod is not null ? $"{Namespace}/{Pod}"
        : Labels.Count > 0 ? $"{Namespace}?{string.Join(',', Labels.Select(label => $"{label.Key}={label.Value}"))}" : Namespace;
}
