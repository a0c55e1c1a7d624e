using System.Collections.Immutable;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Snapshot;
using VirtualServices = System.Collections.Immutable.ImmutableSortedDictionary<Mesh.Operator.Core.Snapshot.ObjectKey, Mesh.Operator.Core.Snapshot.Rule<Mesh.Api.Networking.VirtualServiceSpec>>;

namespace Mesh.Operator.Core.Planning;

/// <summary>All VirtualServices, the oldest first, and which of them speaks for a host.</summary>
internal sealed class RuleBook
{
    private readonly ILookup<string, VirtualServiceEntry> exactly;

    private readonly ImmutableArray<VirtualServiceEntry> wide;

    private RuleBook(ImmutableArray<VirtualServiceEntry> entries)
    {
        Entries = entries;
        Routing = [.. entries.Where(entry => entry.RoutesHttp)];
        exactly = Routing.SelectMany(entry => entry.Hosts.Select(host => (host, entry))).ToLookup(pair => pair.host, pair => pair.entry, StringComparer.Ordinal);
        wide = [.. Routing.Where(entry => entry.Hosts.Any(HostPattern.IsWildcard))];
        SourceSelectors = [.. Routing.SelectMany(entry => entry.SourceSelectors).Distinct()];
    }

    public ImmutableArray<VirtualServiceEntry> Entries { get; }

    /// <summary>Those that take part in routing between sidecars.</summary>
    public ImmutableArray<VirtualServiceEntry> Routing { get; }

    public ImmutableArray<LabelSet> SourceSelectors { get; }

    /// <summary>Entries of unchanged rules are taken over from the book before.</summary>
    public static RuleBook Of(VirtualServices rules, RuleBook? before)
    {
        var known = before?.Entries.ToDictionary(entry => entry.Rule.Key) ?? [];
        var entries = rules.Values
            .Select(rule => known.TryGetValue(rule.Key, out var entry) && ReferenceEquals(entry.Rule, rule) ? entry : new VirtualServiceEntry(rule))
            .ToArray();
        Array.Sort(entries, (a, b) => Rule<Api.Networking.VirtualServiceSpec>.CompareByAge(a.Rule, b.Rule));
        return new RuleBook([.. entries]);
    }

    /// <summary>
    /// Those that speak for the host to a client, the winner first: one that names it exactly before one with a wildcard, a
    /// longer wildcard before a shorter, then the older.
    /// </summary>
    public IEnumerable<VirtualServiceEntry> SpeakingFor(string host, string clientNamespace)
    {
        var exact = exactly[host].Where(entry => entry.Reaches(clientNamespace)).ToList();
        if (wide.IsEmpty) return exact;
        return exact.Concat(wide.Where(entry => !exact.Contains(entry) && entry.Reaches(clientNamespace))
            .Select(entry => (Entry: entry, Pattern: BestPattern(host, entry)))
            .Where(candidate => candidate.Pattern is not null)
            .OrderBy(candidate => candidate.Pattern!, BySpecificity) // stable: keeps age among equals
            .Select(candidate => candidate.Entry));
    }

    private static string? BestPattern(string host, VirtualServiceEntry entry)
    {
        string? best = null;
        foreach (var pattern in entry.Hosts)
            if (HostPattern.IsWildcard(pattern) && HostPattern.IsWithin(host, pattern) && (best is null || HostNames.CompareBySpecificity(pattern, best) < 0)) best = pattern;
        return best;
    }

    private static readonly Comparer<string> BySpecificity = Comparer<string>.Create((a, b) =>
        a == b ? 0 : HostNames.CompareBySpecificity(a, b));
}
