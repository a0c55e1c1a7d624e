using k8s.Models;

namespace Mesh.Operator.Sinks;

/// <summary>As much of a pod as an Event needs to be about it.</summary>
internal static class PodReference
{
    public static V1Pod Of(string @namespace, string name, string uid) => new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = @namespace, Uid = uid } };
}
