using Mesh.Api;
using Mesh.Api.Networking;
using Mesh.Operator.Core.Analysis.Workloads;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Sidecars;

/// <summary>
/// Sidecars for no pod (IST0101), several for one pod (IST0110), several for a whole namespace (IST0111), and those of a
/// namespace whose pods have none to configure (IST0167).
/// </summary>
internal sealed class SidecarSelectors : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) => mesh.Snapshot.Sidecars.Values
        .GroupBy(sidecar => sidecar.Namespace, StringComparer.Ordinal)
        .SelectMany(group => Of(mesh.Snapshot, group.Key, [.. group.Order(Comparer<Rule<SidecarSpec>>.Create(Rule<SidecarSpec>.CompareByAge))]));

    private static IEnumerable<Finding> Of(MeshSnapshot snapshot, string space, List<Rule<SidecarSpec>> oldestFirst)
    {
        if (IsWithoutSidecars(snapshot, space))
        {
            foreach (var sidecar in oldestFirst)
                yield return Found.Warning(FindingCodes.IneffectivePolicy, sidecar.Key.ToString(), "metadata.namespace", space,
                    "The namespace asks for Istio's mode without sidecars, which Mesh does not have: none of its pods has a sidecar that this could act on.", $"Label the namespace {MeshLabels.Injection}={MeshLabels.InjectionEnabled}, or delete this.");
            yield break;
        }

        var whole = oldestFirst.Where(sidecar => Selector(sidecar).IsEmpty).ToList();
        if (whole.Count > 1)
            foreach (var sidecar in whole)
                yield return Found.Error(FindingCodes.MultipleSidecarsWithoutWorkloadSelectors, sidecar.Key.ToString(), "spec.workloadSelector", null,
                    $"{Names(whole)} are all for the whole namespace; the oldest, {whole[0].Name}, is in force and the others are not.", $"Put all into {whole[0].Name}, or give the others a workloadSelector.");
        var selecting = oldestFirst.Where(sidecar => !Selector(sidecar).IsEmpty).Select(sidecar => (Sidecar: sidecar, Pods: Pods(snapshot, sidecar))).ToList();
        foreach (var (sidecar, pods) in selecting)
        {
            if (pods.Count == 0)
                yield return Found.Error(FindingCodes.ReferencedResourceNotFound, sidecar.Key.ToString(), "spec.workloadSelector", Selector(sidecar),
                    $"No pod in {space} has these labels, so this acts on none.", "Correct the labels, or those of the pod template of the Deployment.");
            var rivals = selecting.Where(other => other.Pods.Overlaps(pods)).Select(other => other.Sidecar).ToList();
            if (rivals.Count > 1)
                yield return Found.Error(FindingCodes.ConflictingSidecarWorkloadSelectors, sidecar.Key.ToString(), "spec.workloadSelector", Selector(sidecar),
                    $"{Names(rivals)} are for the same pods; of these the oldest, {rivals[0].Name}, is in force there.", "Let only one of them select these pods.");
        }
    }

    private static bool IsWithoutSidecars(MeshSnapshot snapshot, string space) =>
        snapshot.Namespaces.GetValueOrDefault(space)?.Labels is { } labels && labels[InjectionMarks.DataplaneMode] == "ambient" && labels[MeshLabels.Injection] is null && labels[MeshLabels.Revision] is null;

    private static LabelSet Selector(Rule<SidecarSpec> sidecar) => LabelSet.Of(sidecar.Spec.WorkloadSelector?.Labels);

    private static HashSet<ObjectKey> Pods(MeshSnapshot snapshot, Rule<SidecarSpec> sidecar) =>
    [
        .. snapshot.Workloads.Values.Where(workload => workload.Key.Namespace == sidecar.Namespace && !workload.IsFinished && workload.Labels.Satisfies(Selector(sidecar))).Select(workload => workload.Key),
    ];

    private static string Names(IEnumerable<Rule<SidecarSpec>> sidecars) => string.Join(" and ", sidecars.Select(sidecar => sidecar.Name));
}
