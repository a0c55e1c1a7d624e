using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>The clusters of each Service under each policy, as sections, made once for all scopes that share the policy.</summary>
internal sealed class ClusterBook(ClusterBook? before, ClusterDefaults defaults, SectionPool pool)
{
    private readonly Dictionary<(Service, DestinationPolicy, HealthPolicy), Section> sections = new(ByReference.Instance);

    private readonly ClusterDefaults defaults = defaults;

    // Only what the book before held, not that book: each would keep the one before it for ever.
    private readonly Dictionary<(Service, DestinationPolicy, HealthPolicy), Section>? known = before is not null && before.defaults == defaults ? before.sections : null;

    public Section SectionOf(Service service, DestinationPolicy policy, HealthPolicy health)
    {
        if (sections.TryGetValue((service, policy, health), out var section)) return section;
        if (known is null || !known.TryGetValue((service, policy, health), out section))
            section = pool.Intern(Section.Of(ClusterTranslator.Translate(service, policy, health, defaults)));
        sections.Add((service, policy, health), section);
        return section;
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
