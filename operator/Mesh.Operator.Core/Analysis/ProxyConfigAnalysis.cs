using Mesh.Api;
using Mesh.Operator.Core.Planning;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges ProxyConfigs. They act when a pod is made, so no proxy that runs is asked about them.</summary>
internal sealed class ProxyConfigAnalysis(PlanParts parts)
{
    public RuleVerdict Judge(ProxyConfigEntry entry)
    {
        var older = entry.IsValid ? Older(entry) : null;
        return new RuleVerdict
        {
            Rule = entry.Rule.Key,
            Uid = entry.Rule.Uid,
            Generation = entry.Rule.Generation,
            NotAccepted = !entry.IsValid ? ConditionReasons.Invalid : older is not null ? ConditionReasons.OverruledByOlder : null,
            Findings = VirtualServiceAnalysis.Ordered(older is null ? entry.Problems : entry.Problems.Append(Overruled(entry, older)), entry.Rule.Key),
            IsForSidecars = false,
            Details = new KindStatus(),
        };
    }

    // Two that select differently may still meet in a pod; which one that pod gets is then a matter of its labels.
    private ProxyConfigEntry? Older(ProxyConfigEntry entry)
    {
        var first = entry.Selector.IsEmpty ? parts.ProxyConfigs.ForAll(entry.Rule.Namespace) : parts.ProxyConfigs.Selecting(entry.Rule.Namespace, entry.Selector);
        return ReferenceEquals(first, entry) ? null : first;
    }

    private static Finding Overruled(ProxyConfigEntry entry, ProxyConfigEntry older) => Found.Warning(
        FindingCodes.IneffectivePolicy, entry.Rule.Key.ToString(), entry.Selector.IsEmpty ? "metadata.namespace" : "spec.selector", older.Rule.Key.Object,
        $"{older.Rule.Key} is older and for the same pods, so this one has no effect.", $"Put all into {older.Rule.Key.Object}, or remove one of them.");
}
