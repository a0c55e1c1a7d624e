using Mesh.Api;
using Mesh.Api.Validation;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>
/// Istio beside the mesh under another root or trust domain (MESH0074), and pods whose label for Istio's sidecars says something else than
/// what holds by now (MESH0075).
/// </summary>
internal sealed class RootsOfOthers : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var neighbour = mesh.Snapshot.Neighbour;
        if (!mesh.Objects.IsWhole || !neighbour.IsHere || neighbour.Own.Count == 0) return [];
        var apart = neighbour.WhyApart(mesh.Snapshot.Settings.TrustDomain);
        var stale = mesh.Snapshot.Workloads.Values.Where(workload => workload.HasIdentity).Select(workload => Stale(workload, apart)).OfType<Finding>();
        return apart.Length == 0 ? stale : stale.Prepend(Apart(apart));
    }

    private static Finding Apart(string why) => Found.Note(FindingCodes.RootsApart, $"ConfigMap/{MeshNames.SystemNamespace}/{Neighbour.RootsConfigMap}", "data", null,
        $"Istio's sidecars and this mesh's speak clear text with each other: {why}.",
        "Where clear text will not do, put one cacerts into istio-system and mesh-system and set one trustDomain; else keep PERMISSIVE where the two meet.");

    private static Finding? Stale(Workload workload, string apart)
    {
        var isMarked = workload.Labels[MeshLabels.OthersTlsMode] == MeshLabels.OthersTlsModeMutual;
        if (isMarked == (apart.Length == 0)) return null;
        var pod = ResourceNames.Of("Pod", workload.Key.Namespace, workload.Key.Name);
        var path = $"metadata.labels[{MeshLabels.OthersTlsMode}]";
        return isMarked
            ? Found.Warning(FindingCodes.OthersTlsModeStale, pod, path, MeshLabels.OthersTlsModeMutual, $"Istio's sidecars are told to call this pod in mutual TLS, and no longer can: {apart}.", "Have it made anew: kubectl rollout restart of what it belongs to.")
            : Found.Note(FindingCodes.OthersTlsModeStale, pod, path, null, "The pod was made before the two meshes had a root in common, so Istio's sidecars call it in clear text.", "Have it made anew: kubectl rollout restart of what it belongs to.");
    }
}
