using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using k8s;
using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Core.Objects;

/// <summary>
/// A document as a user wrote it -> the object of its kind. What enters is JSON; what leaves is an object, or null for a
/// kind nobody here looks at. What never happens here: I/O; a judgement of what the object says.
/// </summary>
public static class ObjectReader
{
    private delegate IKubernetesObject<V1ObjectMeta>? Reader(string json);

    private static readonly FrozenDictionary<(string Group, string Kind), Reader> Readers = Kinds.ToFrozenDictionary(Identity, ReaderOf);

    private static readonly FrozenSet<string> WithoutNamespace = FrozenSet.Create(
        StringComparer.Ordinal,
        "Namespace", "Node", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "CustomResourceDefinition",
        "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass", "PriorityClass", "GatewayClass", "APIService", "ClusterTrustBundle");

    /// <summary>Every kind that is read.</summary>
    public static IEnumerable<Type> Kinds => KubernetesTypes().Concat(ApiKinds.All);

    /// <summary>Whether objects of this kind live in a namespace.</summary>
    public static bool IsNamespaced(string kind) => !WithoutNamespace.Contains(kind);

    /// <summary>The object, in <paramref name="defaultNamespace"/> if the document names none; null for any other kind.</summary>
    /// <exception cref="JsonException">A value is of a type that its field cannot take.</exception>
    public static IKubernetesObject<V1ObjectMeta>? Read(JsonElement document, string defaultNamespace)
    {
        var kind = Text(document, "kind");
        if (!Readers.TryGetValue((GroupOf(Text(document, "apiVersion")), kind), out var reader) || reader(document.GetRawText()) is not { } read) return null;
        read.Metadata ??= new V1ObjectMeta();
        read.Metadata.Name ??= "";
        if (IsNamespaced(kind) && string.IsNullOrEmpty(read.Metadata.NamespaceProperty)) read.Metadata.NamespaceProperty = defaultNamespace;
        return read;
    }

    private static IEnumerable<Type> KubernetesTypes() =>
    [
        typeof(V1Namespace), typeof(V1Node), typeof(V1Pod), typeof(V1Service), typeof(V1EndpointSlice), typeof(V1ConfigMap), typeof(V1Secret),
        typeof(V1Deployment), typeof(V1StatefulSet), typeof(V1DaemonSet), typeof(V1ReplicaSet), typeof(V1Job), typeof(V1CronJob),
        typeof(V1MutatingWebhookConfiguration), typeof(V1ValidatingWebhookConfiguration), typeof(V1CustomResourceDefinition),
        typeof(KubernetesGateway),
    ];

    private static (string Group, string Kind) Identity(Type type)
    {
        var entity = type.GetCustomAttribute<KubernetesEntityAttribute>()!;
        return (entity.Group, entity.Kind);
    }

    private static Reader ReaderOf(Type type) =>
        typeof(ObjectReader).GetMethod(nameof(As), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).CreateDelegate<Reader>();

    private static IKubernetesObject<V1ObjectMeta>? As<T>(string json)
        where T : class, IKubernetesObject<V1ObjectMeta> => KubernetesJson.Deserialize<T>(json);

    private static string GroupOf(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : apiVersion[..slash];
    }

    private static string Text(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
