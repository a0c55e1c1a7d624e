using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Mesh.Config;

namespace Mesh.Sidecar.DnsProxy;

/// <summary>The names that are answered without asking others.</summary>
public sealed class NameTable
{
    private readonly FrozenDictionary<string, ImmutableArray<IPAddress>> names;
    private readonly FrozenDictionary<string, ImmutableArray<IPAddress>>.AlternateLookup<ReadOnlySpan<char>> wildcards;

    /// <summary>Compiles a valid table.</summary>
    public NameTable(DnsTable table)
    {
        var exact = new Dictionary<string, ImmutableArray<IPAddress>>(StringComparer.Ordinal);
        var wild = new Dictionary<string, ImmutableArray<IPAddress>>(StringComparer.Ordinal);
        foreach (var entry in table.Names)
        {
            ImmutableArray<IPAddress> addresses = [.. entry.Addresses.Select(IPAddress.Parse)];
            if (entry.Name.StartsWith("*.", StringComparison.Ordinal)) wild.TryAdd(entry.Name[1..], addresses);
            else exact.TryAdd(entry.Name, addresses);
        }

        names = exact.ToFrozenDictionary(StringComparer.Ordinal);
        wildcards = wild.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>How many there are.</summary>
    public int Count => names.Count + wildcards.Dictionary.Count;

    /// <summary>
    /// The addresses of a name, an exact entry before a wildcard. A program appends its search list before it asks for a name
    /// as it is written, so a name that ends in one of these is looked up without it as well: <paramref name="alias"/> is the
    /// name that was meant then. Else <c>null</c>.
    /// </summary>
    public ImmutableArray<IPAddress>? Find(string name, ImmutableArray<string> search, out string? alias)
    {
        alias = null;
        if (Find(name) is { } found) return found;
        foreach (var domain in search)
        {
            if (name.Length <= domain.Length + 1 || name[^(domain.Length + 1)] != '.' || !name.EndsWith(domain, StringComparison.Ordinal)) continue;
            var meant = name[..^(domain.Length + 1)];
            if (Find(meant) is not { } known) continue;
            alias = meant;
            return known;
        }

        return null;
    }

    private ImmutableArray<IPAddress>? Find(string name)
    {
        if (names.TryGetValue(name, out var addresses)) return addresses;
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            if (wildcards.TryGetValue(name.AsSpan(dot), out addresses)) return addresses;
        }

        return null;
    }
}
