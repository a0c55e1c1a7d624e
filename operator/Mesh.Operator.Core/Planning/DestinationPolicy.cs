using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>What the DestinationRules for one host say together to one scope.</summary>
internal sealed record DestinationPolicy
{
    public static readonly DestinationPolicy None = new() { Rules = [], Subsets = [] };

    /// <summary>The rules it is merged from, the oldest first.</summary>
    public required ImmutableArray<RuleKey> Rules { get; init; }

    /// <summary>Credentials that its TLS may name, by name; null where the rules are for everyone, whose Secrets are for gateways.</summary>
    public Func<string, UserCredential?>? Credentials { get; init; }

    public TrafficPolicy? TrafficPolicy { get; init; }

    public required ImmutableArray<Subset> Subsets { get; init; }

    public Subset? Find(string subset)
    {
        foreach (var candidate in Subsets)
            if (candidate.Name == subset) return candidate;
        return null;
    }

    /// <summary>Subsets of all, of one name the oldest; the policy of the oldest that has one.</summary>
    public static DestinationPolicy Merge(ImmutableArray<PolicyEntry> oldestFirst, ImmutableSortedDictionary<ObjectKey, UserCredential> credentials) => new()
    {
        Rules = [.. oldestFirst.Select(entry => entry.Rule.Key)],
        // A rule for chosen clients is in their own namespace, where their Secrets are.
        Credentials = oldestFirst.All(entry => !entry.Selector.IsEmpty) ? name => credentials.GetValueOrDefault(new ObjectKey(oldestFirst[0].Rule.Namespace, name)) : null,
        TrafficPolicy = oldestFirst.Select(entry => entry.Rule.Spec.TrafficPolicy).FirstOrDefault(policy => policy is not null),
        Subsets = [.. oldestFirst.SelectMany(entry => entry.Rule.Spec.Subsets).Where(subset => !string.IsNullOrEmpty(subset.Name)).DistinctBy(subset => subset.Name)],
    };
}
