using System.Collections.Frozen;
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

    private readonly ImmutableArray<VirtualServiceEntry> ofConnections;

    private readonly FrozenDictionary<ObjectKey, VirtualServiceEntry> byName;

    private readonly FrozenDictionary<VirtualServiceEntry, ImmutableArray<HttpRule>> delegating;

    private RuleBook(ImmutableArray<VirtualServiceEntry> entries)
    {
        Entries = entries;
        byName = entries.ToFrozenDictionary(entry => entry.Rule.Key.Object);
        Delegations = [.. entries.Where(entry => entry.IsValid && !entry.IsDelegate).SelectMany(DelegationsOf)];
        delegating = Delegations.Select(delegation => delegation.Root).Distinct().ToFrozenDictionary(entry => entry, Merged);
        Routing = [.. entries.Where(entry => entry.RoutesHttp)];
        exactly = Routing.SelectMany(entry => entry.Hosts.Select(host => (host, entry))).ToLookup(pair => pair.host, pair => pair.entry, StringComparer.Ordinal);
        ofConnections = [.. entries.Where(entry => entry.RoutesConnections)];
        wide = [.. Routing.Where(entry => entry.Hosts.Any(HostPattern.IsWildcard))];
        // Of delegates too, whose labels are never others than those of their own and the delegating rule.
        SourceSelectors =
        [
            .. entries.Where(entry => entry.RoutesHttp || entry.RoutesConnections).SelectMany(entry => entry.SourceSelectors)
                .Concat(delegating.Values.SelectMany(rules => rules).SelectMany(rule => rule.Route.Match).Select(match => LabelSet.Of(match.SourceLabels)).Where(selector => !selector.IsEmpty))
                .Distinct(),
        ];
    }

    public ImmutableArray<VirtualServiceEntry> Entries { get; }

    /// <summary>Those that take part in routing between sidecars.</summary>
    public ImmutableArray<VirtualServiceEntry> Routing { get; }

    /// <summary>Rules that leave their requests to another VirtualService.</summary>
    public ImmutableArray<Delegation> Delegations { get; }

    public ImmutableArray<LabelSet> SourceSelectors { get; }

    /// <summary>Entries of unchanged rules are taken over from the book before.</summary>
    public static RuleBook Of(VirtualServices rules, RuleBook? before, MeshDefaults defaults)
    {
        var known = before?.Entries.ToDictionary(entry => entry.Rule.Key) ?? [];
        var entries = rules.Values
            .Select(rule => known.TryGetValue(rule.Key, out var entry) && ReferenceEquals(entry.Rule, rule) ? entry : new VirtualServiceEntry(rule, defaults.VirtualServiceExportTo))
            .ToArray();
        Array.Sort(entries, (a, b) => Rule<Api.Networking.VirtualServiceSpec>.CompareByAge(a.Rule, b.Rule));
        return new RuleBook([.. entries]);
    }

    /// <summary>The HTTP rules of a VirtualService as they act, those of its delegates in the places of the rules that delegate.</summary>
    public ImmutableArray<HttpRule> HttpOf(VirtualServiceEntry entry) => delegating.TryGetValue(entry, out var rules) ? rules : entry.Http;

    /// <summary>
    /// Those that speak for the host to a client, the winner first: one that names it exactly before one with a wildcard, a
    /// longer wildcard before a shorter, then the older.
    /// </summary>
    public IEnumerable<VirtualServiceEntry> SpeakingFor(string host, Scope scope)
    {
        var exact = exactly[host].Where(scope.Sees).ToList();
        if (wide.IsEmpty) return exact;
        return exact.Concat(wide.Where(entry => !exact.Contains(entry) && scope.Sees(entry))
            .Select(entry => (Entry: entry, Pattern: BestPattern(host, entry)))
            .Where(candidate => candidate.Pattern is not null)
            .OrderBy(candidate => candidate.Pattern!, BySpecificity) // stable: keeps age among equals
            .Select(candidate => candidate.Entry));
    }

    /// <summary>Those that speak for connections to the host, the oldest first; none of them owns it.</summary>
    public ImmutableArray<VirtualServiceEntry> SpeakingForConnections(string host, Scope scope) => ofConnections.IsEmpty ? [] :
        [.. ofConnections.Where(entry => scope.Sees(entry) && entry.Hosts.Any(pattern => HostPattern.IsWithin(host, pattern)))];

    private static string? BestPattern(string host, VirtualServiceEntry entry)
    {
        string? best = null;
        foreach (var pattern in entry.Hosts)
            if (HostPattern.IsWildcard(pattern) && HostPattern.IsWithin(host, pattern) && (best is null || HostNames.CompareBySpecificity(pattern, best) < 0)) best = pattern;
        return best;
    }

    private IEnumerable<Delegation> DelegationsOf(VirtualServiceEntry entry)
    {
        for (var i = 0; i < entry.Rule.Spec.Http.Count; i++)
        {
            if (entry.Rule.Spec.Http[i].Delegate is not { Name: { Length: > 0 } name } written) continue;
            var key = new ObjectKey(string.IsNullOrEmpty(written.Namespace) ? entry.Rule.Namespace : written.Namespace, name);
            yield return Delegation.Of(entry, i, key, byName.GetValueOrDefault(key));
        }
    }

    private ImmutableArray<HttpRule> Merged(VirtualServiceEntry entry)
    {
        var delegations = Delegations.Where(delegation => ReferenceEquals(delegation.Root, entry)).ToDictionary(delegation => delegation.Index);
        return [.. entry.Http.SelectMany(rule => delegations.TryGetValue(rule.Index, out var delegation) ? delegation.Rules : [rule])];
    }

    private static readonly Comparer<string> BySpecificity = Comparer<string>.Create((a, b) =>
        a == b ? 0 : HostNames.CompareBySpecificity(a, b));
}
