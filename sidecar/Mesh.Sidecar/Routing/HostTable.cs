using System.Collections.Frozen;

namespace Mesh.Sidecar.Routing;

/// <summary>
/// Looks a host name up: an exact domain before a wildcard, a longer wildcard before a shorter, <c>*</c> last. Case and a
/// trailing dot do not count. <c>*.foo.com</c> does not mean <c>foo.com</c>.
/// </summary>
public sealed class HostTable<T>
    where T : class
{
    private readonly FrozenDictionary<string, T> exact;
    private readonly FrozenDictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> exactBySpan;
    private readonly (string Suffix, T Value)[] wildcards;

    /// <summary>A table of these domains; of one that stands twice the first counts.</summary>
    public HostTable(IEnumerable<(string Domain, T Value)> domains)
    {
        var found = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        var suffixes = new List<(string Suffix, T Value)>();
        foreach (var (domain, value) in domains)
        {
            if (domain.StartsWith('*')) suffixes.Add((domain[1..].TrimEnd('.'), value));
            else found.TryAdd(domain.TrimEnd('.'), value);
        }

        exact = found.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        exactBySpan = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        wildcards = [.. suffixes.OrderByDescending(entry => entry.Suffix.Length)]; // stable: the first of equals stays first
    }

    /// <summary>What the most specific domain says; <c>null</c> when none fits.</summary>
    public T? Find(ReadOnlySpan<char> host)
    {
        if (exactBySpan.TryGetValue(host, out var value)) return value;
        foreach (var (suffix, wild) in wildcards)
        {
            // Something must stand for the star, but for the lone star, which also means an empty host.
            if (suffix.Length == 0) return wild;
            if (host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) return wild;
        }

        return null;
    }
}
