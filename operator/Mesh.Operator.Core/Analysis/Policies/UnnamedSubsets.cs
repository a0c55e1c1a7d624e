using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Policies;

/// <summary>Subsets that no route names: what is said for them alone is said in vain (MESH0028).</summary>
internal sealed class UnnamedSubsets : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var named = mesh.Parts.Rules.Entries.SelectMany(entry => Destinations.Of(entry.Rule.Spec).Where(pair => !string.IsNullOrEmpty(pair.Destination?.Subset))
            .Select(pair => (HostNames.Resolve(pair.Destination!.Host ?? "", entry.Rule.Namespace), pair.Destination.Subset))).ToHashSet();
        foreach (var policy in mesh.Parts.Policies.Entries.Where(entry => entry.IsValid))
        {
            for (var i = 0; i < policy.Rule.Spec.Subsets.Count; i++)
            {
                var subset = policy.Rule.Spec.Subsets[i];
                // Naming versions in advance is good custom; a policy that nobody gets is a mistake.
                if (subset.TrafficPolicy is null || named.Contains((policy.Host, subset.Name)) || Api.Validation.HostPattern.IsWildcard(policy.Host)) continue;
                yield return Found.Note(FindingCodes.SubsetNeverNamed, policy.Rule.Key.ToString(), $"spec.subsets[{i}].trafficPolicy", subset.Name,
                    "No route names this subset, and its policy only holds for requests that are routed to it by name.", $"Route to it in a VirtualService of {policy.Host}, or move the policy to spec.trafficPolicy.");
            }
        }
    }
}
