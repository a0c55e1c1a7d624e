using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local;

/// <summary>Something worth telling about an object: who says it, of what, why and in which words.</summary>
internal sealed record ObjectEvent(V1ObjectReference Regarding, bool Warning, string Reason, string Message, string Component, string? Host = null)
{
    /// <summary>
    /// What was tried; said by those that write through events.k8s.io, whose Events have a time of their own (<c>eventTime</c>,
    /// <c>series</c>) and none of the older fields (<c>source</c>, <c>count</c>, <c>firstTimestamp</c>, <c>lastTimestamp</c>).
    /// </summary>
    public string? Action { get; init; }

    public static ObjectEvent About<T>(T item, bool warning, string reason, string message, string component) where T : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of(typeof(T));
        return new ObjectEvent(
            new V1ObjectReference
            {
                ApiVersion = kind.ApiVersion,
                Kind = kind.Kind,
                Name = item.Metadata.Name,
                NamespaceProperty = item.Metadata.NamespaceProperty,
                Uid = item.Metadata.Uid,
            },
            warning, reason, message, component);
    }
}
