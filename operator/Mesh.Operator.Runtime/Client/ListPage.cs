using System.Text.Json;
using k8s;
using k8s.Models;

namespace Mesh.Operator.Runtime;

/// <summary>Decodes a list answer object by object.</summary>
internal static class ListPage
{
    /// <summary>The objects that fit their class; the others are told to <paramref name="unreadable"/> and left out.</summary>
    public static List<TEntity> Read<TEntity>(
        JsonElement page, ResourceKind kind, Action<UnreadableObject> unreadable, out string? next, out string? resourceVersion)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        next = resourceVersion = null;
        if (page.TryGetProperty("metadata", out var metadata))
        {
            next = Text(metadata, "continue") is { Length: > 0 } token ? token : null;
            resourceVersion = Text(metadata, "resourceVersion");
        }

        var found = new List<TEntity>();
        if (!page.TryGetProperty("items", out var items) || items.ValueKind != JsonValueKind.Array) return found;
        foreach (var item in items.EnumerateArray())
        {
            var (entity, problem) = Decode<TEntity>(item, kind);
            if (entity is not null) found.Add(entity);
            else unreadable(problem!);
        }

        return found;
    }

    /// <summary>One object, or why it cannot be read.</summary>
    public static (TEntity? Entity, UnreadableObject? Problem) Decode<TEntity>(JsonElement item, ResourceKind kind)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var metadata = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("metadata", out var found) ? found : default;
        var key = metadata.ValueKind == JsonValueKind.Object ? new EntityKey(Text(metadata, "namespace") ?? "", Text(metadata, "name") ?? "") : default;
        if (string.IsNullOrEmpty(key.Name)) return (null, new UnreadableObject(kind, key, null, "it has no metadata.name"));
        try
        {
            var entity = KubernetesJson.Deserialize<TEntity>(item);
            // Items of a list come without apiVersion and kind.
            entity.ApiVersion = kind.ApiVersion;
            entity.Kind = kind.Kind;
            return (entity, null);
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return (null, new UnreadableObject(kind, key, Text(metadata, "resourceVersion"), e.Message));
        }
    }

    public static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
