using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Everything wrong anywhere: the rules' findings, and those about Services, pods and mesh-wide settings, which have no verdict.</summary>
internal static class MeshFindings
{
    public static IEnumerable<Finding> Of(PlanParts parts, ImmutableSortedDictionary<RuleKey, RuleVerdict> verdicts, ILookup<string, Finding> analysed)
    {
        var judged = verdicts.Keys.Select(rule => rule.ToString()).ToHashSet(StringComparer.Ordinal);
        return parts.Snapshot.Settings.Findings.Items
            .Concat(analysed.Where(group => !judged.Contains(group.Key)).SelectMany(group => group))
            .Concat(verdicts.Values.SelectMany(verdict => verdict.Findings));
    }
}
