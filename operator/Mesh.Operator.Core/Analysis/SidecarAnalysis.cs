using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges Sidecars.</summary>
internal sealed class SidecarAnalysis(PlanParts parts)
{
    public RuleVerdict Judge(SidecarEntry entry)
    {
        var selected = entry.IsValid ? parts.Snapshot.Workloads.Values.Where(workload => workload.IsInMesh && IsFor(entry, workload)).ToList() : [];
        var lost = selected.Where(workload => !ReferenceEquals(parts.Sidecars.For(workload), entry)).ToList();
        var missing = entry.IsValid ? Missing(entry, selected.Count) : null;
        var overruled = entry.IsValid && lost.Count > 0 ? Overruled(entry, selected.Count, lost) : null;
        return new RuleVerdict
        {
            Rule = entry.Rule.Key,
            Uid = entry.Rule.Uid,
            Generation = entry.Rule.Generation,
            NotAccepted = !entry.IsValid ? ConditionReasons.Invalid : overruled is not null && lost.Count == selected.Count ? ConditionReasons.OverruledByOlder : null,
            Unresolved = missing?.Reason,
            Findings = VirtualServiceAnalysis.Ordered(entry.Problems.Concat(new[] { missing?.Finding, overruled }.OfType<Finding>()), entry.Rule.Key),
            Details = new SidecarStatus { Scope = entry.IsValid ? Scope(entry, selected.Count - lost.Count) : null },
        };
    }

    private bool IsForMesh(SidecarEntry entry) => entry.Selector.IsEmpty && entry.Rule.Namespace == parts.Sidecars.RootNamespace;

    // The default of a wider place is not overruled by what is meant to be narrower.
    private bool IsFor(SidecarEntry entry, Workload workload)
    {
        if (!entry.Selector.IsEmpty) return workload.Key.Namespace == entry.Rule.Namespace && workload.Labels.Satisfies(entry.Selector);
        var winner = parts.Sidecars.For(workload);
        if (ReferenceEquals(winner, entry)) return true;
        return winner is { Selector.IsEmpty: true } && winner.Rule.Namespace == entry.Rule.Namespace && (workload.Key.Namespace == entry.Rule.Namespace || IsForMesh(entry));
    }

    private string Scope(SidecarEntry entry, int pods) =>
        IsForMesh(entry) ? "mesh" : entry.Selector.IsEmpty ? "namespace" : pods == 1 ? "1 pod" : $"{pods} pods";

    private static Reference? Missing(SidecarEntry entry, int selected)
    {
        if (entry.Selector.IsEmpty || selected > 0) return null;
        return new Reference(ConditionReasons.NoMatchingPods, new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.NoMatchingWorkloadsFound,
            Path = "spec.workloadSelector",
            Value = entry.Selector.ToString(),
            Message = "No pod with a sidecar in the namespace has these labels, so it acts on none.",
            Remedy = "Correct the labels, or those of the pod template of the Deployment.",
        });
    }

    private Finding Overruled(SidecarEntry entry, int selected, List<Workload> lost)
    {
        var winner = parts.Sidecars.For(lost[0])!;
        return new Finding
        {
            Severity = Severity.Warning,
            Code = FindingCodes.IneffectivePolicy,
            Path = entry.Selector.IsEmpty ? "spec" : "spec.workloadSelector",
            Message = $"{winner.Rule.Key} is older and is for {(lost.Count == selected ? "the same pods" : $"{lost.Count} of the {selected} pods")}, {lost[0].Key.Name} for one; there this one has no effect.",
            Remedy = "Delete one of the two, or select other pods.",
        };
    }
}
