using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>Definitions of the mesh's kinds that another mesh brought (MESH0073), told once for all of them.</summary>
internal sealed class DefinitionsOfOthers : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var others = mesh.Objects.Of<V1CustomResourceDefinition>().Where(one => Definitions.KindOf(one.Metadata) is not null && !Definitions.IsOurs(one.Metadata))
            .OrderBy(one => one.Metadata.Name, StringComparer.Ordinal).ToList();
        if (others.Count == 0) yield break;
        yield return Found.Note(FindingCodes.DefinitionOfAnother, Found.Name(others[0]), $"metadata.labels[{MeshLabels.PartOf}]", null,
            $"{string.Join(", ", others.Select(one => Definitions.KindOf(one.Metadata)!.Kind).Order(StringComparer.Ordinal))}: another mesh brought these definitions, so kubectl get shows its columns, and of a status Mesh writes its conditions alone, where a sidecar of its own is concerned.",
            "Nothing is to be done while the other mesh is there. For verdicts ask this command, or: kubectl get KIND NAME -o jsonpath='{.status.conditions}'.");
    }
}
