using System.Reflection;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>Where the objects of one kind live in the API.</summary>
public sealed record ResourceKind(string Group, string Version, string Kind, string Plural)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind an entity class stands for (its <see cref="KubernetesEntityAttribute"/>).</summary>
    public static ResourceKind Of(Type entity)
    {
        var attribute = entity.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{entity} has no [KubernetesEntity].", nameof(entity));
        // Classes of kinds that are only created (reviews) name no plural.
        var plural = string.IsNullOrEmpty(attribute.PluralName) ? attribute.Kind.ToLowerInvariant() + "s" : attribute.PluralName;
        return new ResourceKind(attribute.Group ?? "", attribute.ApiVersion, attribute.Kind, plural);
    }

    /// <summary>Path of all objects of the kind, in one namespace or (null) everywhere.</summary>
    public string CollectionPath(string? @namespace = null)
    {
        var root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        return string.IsNullOrEmpty(@namespace) ? $"{root}/{Plural}" : $"{root}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}";
    }

    /// <summary>Path of one object.</summary>
    public string ObjectPath(EntityKey key, string? subresource = null) =>
        $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}" + (subresource is null ? "" : "/" + subresource);
}
