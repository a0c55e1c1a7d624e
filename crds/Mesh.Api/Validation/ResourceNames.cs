using k8s;
using k8s.Models;

namespace Mesh.Api.Validation;

/// <summary>How findings name objects.</summary>
public static class ResourceNames
{
    /// <summary><c>KIND/NAMESPACE/NAME</c>.</summary>
    public static string Of(IKubernetesObject<V1ObjectMeta> entity) =>
        Of(entity.Kind, entity.Metadata?.NamespaceProperty, entity.Metadata?.Name);

    /// <summary><c>KIND/NAMESPACE/NAME</c>; an object without namespace leaves that part out.</summary>
    public static string Of(string kind, string? space, string? name) =>
        string.IsNullOrEmpty(space) ? $"{kind}/{name}" : $"{kind}/{space}/{name}";
}
