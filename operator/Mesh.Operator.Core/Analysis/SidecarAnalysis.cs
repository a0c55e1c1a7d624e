using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Judges Sidecars; what several say of one pod is found by the analysers.</summary>
internal sealed class SidecarAnalysis(PlanParts parts)
{
    public RuleVerdict Judge(SidecarEntry entry)
    {
        var selected = entry.IsValid ? parts.Snapshot.Workloads.Values.Where(workload => workload.IsInMesh && IsFor(entry, workload)).ToList() : [];
        var lost = selected.Where(workload => !ReferenceEquals(parts.Sidecars.For(workload), entry)).ToList();
        return new RuleVerdict
        {
            Rule = entry.Rule.Key,
            Uid = entry.Rule.Uid,
            Generation = entry.Rule.Generation,
            NotAccepted = !entry.IsValid ? ConditionReasons.Invalid : lost.Count > 0 && lost.Count == selected.Count ? ConditionReasons.OverruledByOlder : null,
            Unresolved = entry.IsValid && IsForNobody(entry) ? ConditionReasons.NoMatchingPods : null,
            Findings = VirtualServiceAnalysis.Ordered(entry.Problems, entry.Rule.Key),
            Details = new SidecarStatus { Scope = entry.IsValid ? Scope(entry, selected.Count - lost.Count) : null },
        };
    }

    private bool IsForNobody(SidecarEntry entry) => !entry.Selector.IsEmpty
        && !parts.Snapshot.Workloads.Values.Any(workload => workload.Key.Namespace == entry.Rule.Namespace && !workload.IsFinished && workload.Labels.Satisfies(entry.Selector));

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
}
