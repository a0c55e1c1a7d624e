using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The clusters of each Service under each policy, as sections, made once for all scopes that share the policy.</summary>
internal sealed class ClusterBook(ClusterBook? before, ClusterDefaults defaults, SectionPool pool)
{
    private readonly Dictionary<(Service, DestinationPolicy, HealthPolicy), PlannedClusters> planned = new(ByReference.Instance);

    private readonly ClusterDefaults defaults = defaults;

    // Only what the book before held, not that book: each would keep the one before it for ever.
    private readonly Dictionary<(Service, DestinationPolicy, HealthPolicy), PlannedClusters>? known = before is not null && before.defaults == defaults ? before.planned : null;

    public PlannedClusters Of(Service service, DestinationPolicy policy, HealthPolicy health)
    {
        if (planned.TryGetValue((service, policy, health), out var clusters)) return clusters;
        if (known is null || !known.TryGetValue((service, policy, health), out clusters)) clusters = Plan(service, policy, health);
        planned.Add((service, policy, health), clusters);
        return clusters;
    }

    private PlannedClusters Plan(Service service, DestinationPolicy policy, HealthPolicy health)
    {
        var set = ClusterTranslator.Translate(service, policy, health, defaults);
        return new PlannedClusters(pool.Intern(Section.Of(set)), [.. set.Clusters.Select(cluster => cluster.Tls?.Credential).OfType<CredentialRef>().Where(credential => credential.Why is null).Distinct()]);
    }

    // What is immutable is the same if it is the same object; comparing the contents would cost more than is saved.
    private sealed class ByReference : IEqualityComparer<(Service Service, DestinationPolicy Policy, HealthPolicy Health)>
    {
        public static readonly ByReference Instance = new();

        public bool Equals((Service Service, DestinationPolicy Policy, HealthPolicy Health) x, (Service Service, DestinationPolicy Policy, HealthPolicy Health) y) =>
            ReferenceEquals(x.Service, y.Service) && ReferenceEquals(x.Policy, y.Policy) && ReferenceEquals(x.Health, y.Health);

        public int GetHashCode((Service Service, DestinationPolicy Policy, HealthPolicy Health) pair) => HashCode.Combine(pair.Service.Key, pair.Policy.Rules.Length);
    }
}
