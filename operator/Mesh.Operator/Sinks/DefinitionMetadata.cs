using k8s;
using k8s.Models;

namespace Mesh.Operator.Sinks;

/// <summary>A CustomResourceDefinition's metadata: enough to see whose it is.</summary>
[KubernetesEntity(Group = "apiextensions.k8s.io", Kind = "CustomResourceDefinition", ApiVersion = "v1", PluralName = "customresourcedefinitions")]
public sealed class DefinitionMetadata : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "apiextensions.k8s.io/v1";

    public string Kind { get; set; } = "CustomResourceDefinition";

    public V1ObjectMeta Metadata { get; set; } = new();
}
