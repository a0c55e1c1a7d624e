using System.Collections.Frozen;

namespace Mesh.Sidecar.Routing;

/// <summary>
/// Looks a host name up: an exact domain before a wildcard, a longer wildcard before a shorter, <c>*</c> last. Case and a
/// trailing dot do not count. <c>*.foo.com</c> does not mean <c>foo.com</c>.
/// </summary>
public sealed class HostTable<T>
    where T : class
{
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> exact;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> bySuffix;
    private readonly (string Suffix, T Value)[] others;
    private readonly T? any;

    /// <summary>A table of these domains; of one that stands twice the first counts.</summary>
    public HostTable(IEnumerable<(string Domain, T Value)> domains)
    {
        var names = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        var suffixes = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        var odd = new List<(string Suffix, T Value)>();
        foreach (var (domain, value) in domains)
        {
            var name = domain.TrimEnd('.');
            if (name == "*") any ??= value;
            else if (name.StartsWith("*.", StringComparison.Ordinal)) suffixes.TryAdd(name[1..], value);
            else if (name.StartsWith('*')) odd.Add((name[1..], value));
            else names.TryAdd(name, value);
        }

        exact = Lookup(names);
        bySuffix = Lookup(suffixes);
        others = [.. odd.OrderByDescending(entry => entry.Suffix.Length)]; // stable: the first of equals stays first
    }

    /// <summary>What the most specific domain says; <c>null</c> when none fits.</summary>
    public T? Find(ReadOnlySpan<char> host)
    {
        if (exact.TryGetValue(host, out var value)) return value;
        var (length, found) = FindSuffix(host);
        foreach (var (suffix, wild) in others)
        {
            // Something must stand for the star.
            if (suffix.Length > length && host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) return wild;
        }

        return found ?? any;
    }

    // From the left, so the longest suffix is met first: as many look-ups as there are dots, however many wildcards there are.
    private (int Length, T? Value) FindSuffix(ReadOnlySpan<char> host)
    {
        if (bySuffix.Dictionary.Count == 0) return default;
        for (var at = host.Length == 0 ? -1 : NextDot(host, 1); at > 0; at = NextDot(host, at + 1))
        {
            if (bySuffix.TryGetValue(host[at..], out var value)) return (host.Length - at, value);
        }

        return default;
    }

    private static int NextDot(ReadOnlySpan<char> host, int from)
    {
        var dot = host[from..].IndexOf('.');
        return dot < 0 ? -1 : from + dot;
    }

    private static FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> Lookup(Dictionary<string, T> entries) =>
        entries.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
