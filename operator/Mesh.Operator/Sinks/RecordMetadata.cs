using k8s;
using k8s.Models;

namespace Mesh.Operator.Sinks;

/// <summary>A config record's metadata: all that is watched of it (a mesh of thousands of pods has hundreds of megabytes of records).</summary>
[KubernetesEntity(Group = "", Kind = "ConfigMap", ApiVersion = "v1", PluralName = "configmaps")]
public sealed class RecordMetadata : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "ConfigMap";

    public V1ObjectMeta Metadata { get; set; } = new();
}
