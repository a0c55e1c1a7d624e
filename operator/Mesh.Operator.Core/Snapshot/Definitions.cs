using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>The definitions (CustomResourceDefinitions) of the mesh's kinds: which are ours, and which were here before us.</summary>
internal static class Definitions
{
    /// <summary>The kind that it defines, by its name (<c>PLURAL.GROUP</c>); null for one that is not the mesh's.</summary>
    public static ApiKind? KindOf(V1ObjectMeta definition) => ApiKinds.Table.FirstOrDefault(kind => definition.Name == $"{kind.Plural}.{kind.Group}");

    /// <summary>Whether installing Mesh brought it.</summary>
    public static bool IsOurs(V1ObjectMeta definition) =>
        definition.Labels is { } labels && labels.TryGetValue(MeshLabels.PartOf, out var whole) && whole == MeshLabels.PartOfMesh;
}
