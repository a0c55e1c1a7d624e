using k8s.Models;

namespace Mesh.Operator.Core.Tests.Injection;

internal static class Pods
{
    /// <summary>A user's pod with an init container, a volume and a label.</summary>
    public static V1Pod Plain() => new()
    {
        Metadata = new V1ObjectMeta { GenerateName = "web-", NamespaceProperty = "default", Labels = new Dictionary<string, string> { ["app"] = "web" } },
        Spec = new V1PodSpec
        {
            InitContainers = [new V1Container { Name = "prepare", Image = "prepare" }],
            Containers = [new V1Container { Name = "web", Image = "web" }],
            Volumes = [new V1Volume { Name = "own", EmptyDir = new V1EmptyDirVolumeSource() }],
        },
    };
}
