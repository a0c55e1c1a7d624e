using System.Collections.Immutable;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning;

/// <summary>A pod and its node -> who the proxy is.</summary>
internal static class WorkloadTranslator
{
    public static WorkloadConfig Translate(Workload workload, MeshNode? node, ImmutableSortedSet<string> compared)
    {
        var labels = workload.Labels;
        var locality = Locality.Of(workload, node);
        return new WorkloadConfig
        {
            Namespace = workload.Key.Namespace,
            Pod = workload.Key.Name,
            ServiceAccount = workload.ServiceAccount,
            Workload = workload.WorkloadName,
            App = labels[MeshLabels.App] ?? labels["app.kubernetes.io/name"] ?? "unknown",
            Version = labels[MeshLabels.Version] ?? labels["app.kubernetes.io/version"] ?? "unknown",
            CanonicalService = labels[MeshLabels.CanonicalName] ?? labels["app.kubernetes.io/name"] ?? labels[MeshLabels.App] ?? workload.WorkloadName,
            CanonicalRevision = labels[MeshLabels.CanonicalRevision] ?? labels["app.kubernetes.io/version"] ?? labels[MeshLabels.Version] ?? "latest",
            Node = workload.NodeName,
            Zone = locality.Zone,
            Region = locality.Region,
            SubZone = locality.SubZone,
            Labels = LabelChoice.Of(labels, locality, workload.NodeName, compared),
        };
    }
}
