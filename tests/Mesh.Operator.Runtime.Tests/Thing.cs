using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime.Tests;

[KubernetesEntity(Group = "mesh.test", Kind = "Thing", ApiVersion = "v1", PluralName = "things")]
internal sealed class Thing : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "mesh.test/v1";

    public string Kind { get; set; } = "Thing";

    public V1ObjectMeta Metadata { get; set; } = new();

    public ThingSpec Spec { get; set; } = new();
}

internal sealed class ThingSpec
{
    public int Size { get; set; }

    public string Color { get; set; } = "";
}
