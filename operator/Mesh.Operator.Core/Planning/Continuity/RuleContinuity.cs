using System.Collections.Immutable;
using Mesh.Api.Networking;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning.Continuity;

/// <summary>
/// Make before break. VirtualServices and the DestinationRules they need are changed one at a time, in any order; what was
/// fine before and will be fine after must not fail between. So a VirtualService that names what does not exist yet waits,
/// and what was in force stays; and a subset that was taken away stays as long as a rule in force names it. Either only for
/// a while: then what is written is told, and what it breaks is broken. What enters is what is written, what was in force
/// and the time; what leaves is what is in force now. What never happens here: a clock; a memory of its own.
/// </summary>
internal sealed class RuleContinuity(MeshSnapshot snapshot, ReferenceCheck written, ReferenceCheck before, RulesInForce past, DateTimeOffset now, TimeSpan patience)
{
    private readonly ImmutableArray<Hold>.Builder holds = ImmutableArray.CreateBuilder<Hold>();

    /// <summary>What is in force now.</summary>
    public RulesInForce Step()
    {
        var virtualServices = VirtualServices();
        var destinationRules = DestinationRules(virtualServices);
        return new RulesInForce { VirtualServices = virtualServices, DestinationRules = destinationRules, Holds = holds.ToImmutable() };
    }

    private ImmutableSortedDictionary<ObjectKey, Rule<VirtualServiceSpec>> VirtualServices()
    {
        var inForce = snapshot.VirtualServices;
        foreach (var (key, rule) in snapshot.VirtualServices)
        {
            var known = past.VirtualServices.GetValueOrDefault(key);
            if (ReferenceEquals(known, rule)) continue;
            var missing = RuleReference.Of(rule).Where(reference => !written.Finds(reference, rule.Namespace) && !before.Finds(reference, rule.Namespace)).ToList();
            // What was broken before is not kept from being changed.
            if (missing.Count == 0 || (known is not null && missing.All(RuleReference.Of(known).Contains))) continue;
            var until = past.Holds.FirstOrDefault(hold => hold.Rule == rule.Key && hold.Generation == rule.Generation)?.Until ?? now + patience;
            if (until <= now) continue;
            // One of the same name but another life has nothing to do with it.
            var stays = known is not null && known.Uid == rule.Uid ? known : null;
            inForce = stays is null ? inForce.Remove(key) : inForce.SetItem(key, stays);
            holds.Add(new Hold(rule.Key, rule.Generation, stays?.Generation, "", until));
        }

        return inForce;
    }

    private ImmutableSortedDictionary<ObjectKey, Rule<DestinationRuleSpec>> DestinationRules(ImmutableSortedDictionary<ObjectKey, Rule<VirtualServiceSpec>> virtualServices)
    {
        var inForce = snapshot.DestinationRules;
        var changed = past.DestinationRules.Where(old => !ReferenceEquals(inForce.GetValueOrDefault(old.Key), old.Value))
            .Select(old => HostNames.Resolve(old.Value.Spec.Host ?? "", old.Key.Namespace)).Distinct(StringComparer.Ordinal).ToList();
        if (changed.Count == 0) return inForce;
        var lost = from rule in virtualServices.Values
                   from reference in RuleReference.Of(rule)
                   where reference.Subset.Length > 0 && changed.Exists(host => HostPattern.IsWithin(reference.Host, host)) && !written.Finds(reference, rule.Namespace) && before.Finds(reference, rule.Namespace)
                   from source in before.Definers(reference, rule.Namespace)
                   select (source, reference.Subset);
        foreach (var group in lost.Distinct().GroupBy(pair => pair.source, pair => pair.Subset))
        {
            var key = group.Key.Object;
            if (!past.DestinationRules.TryGetValue(key, out var old)) continue;
            var current = snapshot.DestinationRules.GetValueOrDefault(key);
            var stay = group.Order(StringComparer.Ordinal).Where(subset => Keep(old, current, subset)).ToList();
            if (stay.Count > 0) inForce = inForce.SetItem(key, current is null ? old : With(current, old, stay));
        }

        return inForce;
    }

    private bool Keep(Rule<DestinationRuleSpec> old, Rule<DestinationRuleSpec>? current, string subset)
    {
        var until = past.Holds.FirstOrDefault(hold => hold.Rule == old.Key && hold.Subset == subset)?.Until ?? now + patience;
        if (until <= now) return false;
        holds.Add(new Hold(old.Key, current?.Generation ?? old.Generation, old.Generation, subset, until));
        return true;
    }

    private Rule<DestinationRuleSpec> With(Rule<DestinationRuleSpec> current, Rule<DestinationRuleSpec> old, List<string> subsets)
    {
        var made = current with
        {
            Spec = current.Spec with { Subsets = [.. current.Spec.Subsets, .. old.Spec.Subsets.Where(subset => subsets.Contains(subset.Name ?? ""))] },
            SpecJson = $"{current.SpecJson} and still {string.Join(' ', subsets)} of {old.Uid}",
        };
        // The same once more is the same object, so that nothing is made anew.
        return old.Equals(made) ? old : made;
    }
}
