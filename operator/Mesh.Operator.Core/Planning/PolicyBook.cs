using System.Collections.Immutable;
using DestinationRules = System.Collections.Immutable.ImmutableSortedDictionary<Mesh.Operator.Core.Snapshot.ObjectKey, Mesh.Operator.Core.Snapshot.Rule<Mesh.Api.Networking.DestinationRuleSpec>>;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Planning.Features;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>All DestinationRules, and what they say of a host to a client.</summary>
internal sealed class PolicyBook
{
    private readonly Dictionary<(string Namespace, string Host), ImmutableArray<PolicyEntry>> exactly;

    private readonly ILookup<string, PolicyEntry> wide;

    private readonly string rootNamespace;

    private readonly ImmutableSortedDictionary<ObjectKey, UserCredential> credentials;

    private readonly Dictionary<ValueArray<PolicyEntry>, DestinationPolicy> merged = [];

    // Only what the book before merged, not that book: each would keep the one before it for ever.
    private readonly Dictionary<ValueArray<PolicyEntry>, DestinationPolicy>? known;

    private PolicyBook(ImmutableArray<PolicyEntry> entries, PolicyBook? before, string rootNamespace, ImmutableSortedDictionary<ObjectKey, UserCredential> credentials)
    {
        known = before is not null && ReferenceEquals(before.credentials, credentials) ? before.merged : null;
        this.rootNamespace = rootNamespace;
        this.credentials = credentials;
        Entries = entries;
        exactly = entries.Where(entry => entry.IsValid && !HostPattern.IsWildcard(entry.Host)).GroupBy(entry => (entry.Rule.Namespace, entry.Host)).ToDictionary(group => group.Key, group => group.ToImmutableArray());
        wide = entries.Where(entry => entry.IsValid && HostPattern.IsWildcard(entry.Host)).ToLookup(entry => entry.Rule.Namespace, StringComparer.Ordinal);
        Selectors = [.. entries.Where(entry => entry.IsValid && !entry.Selector.IsEmpty).Select(entry => entry.Selector).Distinct()];
        ComparedLabels = [.. entries.Where(entry => entry.IsValid).SelectMany(entry => Balancers(entry.Rule.Spec)).SelectMany(balancer => LocalityTranslator.LabelKeys(balancer.LocalityLbSetting))];
        LimitsConnections = entries.Any(entry => entry is { IsValid: true, Selector.IsEmpty: true, Rule.Spec.TrafficPolicy: { } policy }
            && (policy.ConnectionPool is not null || policy.PortLevelSettings.Any(port => port.ConnectionPool is not null)));
        SubsetLabelKeys =
        [
            .. entries.Where(entry => entry.IsValid).SelectMany(entry => entry.Rule.Spec.Subsets).SelectMany(subset => subset.Labels.Keys),
        ];
    }

    /// <summary>The oldest first.</summary>
    public ImmutableArray<PolicyEntry> Entries { get; }

    public ImmutableArray<LabelSet> Selectors { get; }

    public ImmutableSortedSet<string> SubsetLabelKeys { get; }

    /// <summary>Whether any rule limits connections of whoever sees it.</summary>
    public bool LimitsConnections { get; }

    /// <summary>Labels that some rule has clients compare with their own.</summary>
    public ImmutableSortedSet<string> ComparedLabels { get; }

    public static PolicyBook Of(DestinationRules rules, PolicyBook? before, MeshDefaults defaults, ImmutableSortedDictionary<ObjectKey, UserCredential> credentials)
    {
        var known = before?.Entries.ToDictionary(entry => entry.Rule.Key) ?? [];
        var entries = rules.Values
            .Select(rule => known.TryGetValue(rule.Key, out var entry) && ReferenceEquals(entry.Rule, rule) ? entry : new PolicyEntry(rule, defaults.DestinationRuleExportTo))
            .ToArray();
        Array.Sort(entries, (a, b) => Rule<Api.Networking.DestinationRuleSpec>.CompareByAge(a.Rule, b.Rule));
        return new PolicyBook([.. entries], before, defaults.RootNamespace, credentials);
    }

    /// <summary>
    /// Looked for in the client's namespace, then the service's, then the root namespace; the first that has a rule for the
    /// host decides alone. Within it the most specific host counts, and rules for chosen clients before those for all.
    /// </summary>
    public DestinationPolicy For(Scope scope, Service service) =>
        Within(scope.Namespace, scope, service) ?? Within(service.Key.Namespace, scope, service) ?? Within(rootNamespace, scope, service) ?? DestinationPolicy.None;

    private DestinationPolicy? Within(string place, Scope scope, Service service)
    {
        var host = service.Host;
        var named = exactly.GetValueOrDefault((place, host), []);
        if (named.IsEmpty && !wide.Contains(place)) return null;
        var found = named.Concat(wide[place].Where(entry => HostPattern.IsWithin(host, entry.Host))).Where(entry => entry.Reaches(scope)).ToList();
        if (found.Count == 0) return null;
        var chosen = found.Where(entry => !entry.Selector.IsEmpty).ToList() is { Count: > 0 } selected ? selected : found;
        var best = chosen.Select(entry => entry.Host).Order(BySpecificity).First();
        return Merged([.. chosen.Where(entry => entry.Host == best)]);
    }

    private static IEnumerable<LoadBalancerSettings> Balancers(DestinationRuleSpec spec) =>
        spec.Subsets.Select(subset => subset.TrafficPolicy).Prepend(spec.TrafficPolicy).OfType<TrafficPolicy>()
            .SelectMany(policy => policy.PortLevelSettings.Select(port => port.LoadBalancer).Prepend(policy.LoadBalancer)).OfType<LoadBalancerSettings>();

    /// <summary>Whether a rule defines a subset.</summary>
    public bool Defines(RuleKey rule, string subset) =>
        Entries.FirstOrDefault(entry => entry.Rule.Key == rule) is { } entry && entry.Rule.Spec.Subsets.Any(candidate => candidate.Name == subset);

    // The same rules give the same instance, also after the next change, so that all who are told the same share what is made of it.
    private DestinationPolicy Merged(ValueArray<PolicyEntry> oldestFirst)
    {
        if (merged.TryGetValue(oldestFirst, out var policy)) return policy;
        if (known is null || !known.TryGetValue(oldestFirst, out policy)) policy = DestinationPolicy.Merge(oldestFirst.Items, credentials);
        merged.Add(oldestFirst, policy);
        return policy;
    }

    private static readonly Comparer<string> BySpecificity = Comparer<string>.Create(HostNames.CompareBySpecificity);
}
