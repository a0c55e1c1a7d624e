using k8s;
using k8s.Models;

namespace Mesh.Api.Validation;

/// <summary>What a rule may ask of an object beside its spec.</summary>
public sealed record ObjectHead
{
    /// <summary>Its name in findings; empty when they need none.</summary>
    public string Resource { get; init; } = "";

    /// <summary>Its namespace, where one is written.</summary>
    public string? Namespace { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Its annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Of an object that was read.</summary>
    public static ObjectHead Of(IKubernetesObject<V1ObjectMeta> entity) => new()
    {
        Namespace = entity.Metadata?.NamespaceProperty,
        Name = entity.Metadata?.Name ?? "",
        Labels = entity.Metadata?.Labels?.AsReadOnly() ?? new Dictionary<string, string>().AsReadOnly(),
        Annotations = entity.Metadata?.Annotations?.AsReadOnly() ?? new Dictionary<string, string>().AsReadOnly(),
    };
}
