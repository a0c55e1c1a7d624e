using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using k8s.Models;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// Shapes of the built-in kinds, read from the client library's model types: their fields and types are generated from
/// Kubernetes' own API description. What those types do not tell (keys of lists, values owned as one) is in
/// <see cref="MergeRules"/>.
/// </summary>
internal static partial class BuiltInSchemas
{
    private static readonly ConcurrentDictionary<Type, StructuralSchema> Known = new();

    private static readonly Lazy<FrozenDictionary<(string Group, string Version, string Kind), Type>> Kinds = new(() => typeof(V1Pod).Assembly
        .GetExportedTypes()
        .Select(type => (type, entity: type.GetCustomAttribute<KubernetesEntityAttribute>()))
        .Where(pair => pair.entity is not null)
        .DistinctBy(pair => (pair.entity!.Group, pair.entity.ApiVersion, pair.entity.Kind))
        .ToFrozenDictionary(pair => (pair.entity!.Group, pair.entity.ApiVersion, pair.entity.Kind), pair => pair.type));

    public static StructuralSchema Metadata { get; } = Of(typeof(V1ObjectMeta));

    public static StructuralSchema DeleteOptions { get; } = Of(typeof(V1DeleteOptions));

    public static StructuralSchema? For(string group, string version, string kind) =>
        TypeOf(group, version, kind) is { } type ? Of(type) : null;

    public static StructuralSchema Scale { get; } = Of(typeof(V1Scale));

    /// <summary>The shape of a model, of a kind or of a part of one.</summary>
    public static StructuralSchema Of(Type type) => Known.GetOrAdd(type, static type => new StructuralSchema
    {
        Type = "object",
        TypeName = NameOf(type),
        Atomic = MergeRules.AtomicTypes.Contains(NameOf(type)),
        LazyProperties = new(() => PropertiesOf(type)),
        PreserveUnknownFields = type == typeof(V1JSONSchemaProps),
        NullWhenAbsent = GoShapes.NullWhenAbsent(NameOf(type)),
    });

    /// <summary>The same shape where it stands in another by value.</summary>
    private static StructuralSchema InPlace(StructuralSchema schema) => new()
    {
        Type = schema.Type,
        TypeName = schema.TypeName,
        Atomic = schema.Atomic,
        LazyProperties = schema.LazyProperties,
        PreserveUnknownFields = schema.PreserveUnknownFields,
        NullWhenAbsent = schema.NullWhenAbsent,
        Embedded = true,
    };

    private static FrozenDictionary<string, StructuralSchema> PropertiesOf(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => (property, name: property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name))
        .Where(pair => pair.name is not null)
        .ToFrozenDictionary(pair => pair.name!, pair => OfValue(pair.property.PropertyType, NameOf(type) + "." + pair.name));

    private static StructuralSchema OfValue(Type type, string place)
    {
        type = System.Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(byte[]))
            return new StructuralSchema { Type = "string", Format = "byte" };
        if (type == typeof(string))
            return new StructuralSchema { Type = "string" };
        if (type == typeof(bool))
            return new StructuralSchema { Type = "boolean" };
        if (type == typeof(int) || type == typeof(long))
            return new StructuralSchema { Type = "integer", Format = type == typeof(int) ? "int32" : "int64" };
        if (type == typeof(double))
            return new StructuralSchema { Type = "number", Format = "double" };
        if (type == typeof(DateTime))
            return new StructuralSchema { Type = "string", Format = "date-time", MicroTime = GoShapes.IsMicroTime(place) };
        if (type == typeof(IntOrString))
            return new StructuralSchema { IntOrString = true, Format = "int-or-string" };
        if (type == typeof(ResourceQuantity))
            return new StructuralSchema { IntOrString = true, Format = "quantity" };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            return new StructuralSchema
            {
                Type = "object",
                Atomic = MergeRules.AtomicFields.Contains(place),
                AdditionalProperties = OfValue(type.GetGenericArguments()[1], "."),
            };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>))
            return OfList(OfValue(type.GetGenericArguments()[0], "."), place);
        if (type == typeof(object))
            return new StructuralSchema { PreserveUnknownFields = true };
        return GoShapes.IsEmbedded(place) ? InPlace(Of(type)) : Of(type);
    }

    private static StructuralSchema OfList(StructuralSchema items, string place)
    {
        var rule = MergeRules.ListAt(place);
        return new StructuralSchema
        {
            Type = "array",
            Items = items,
            ListType = rule?.ListType ?? "atomic",
            MapKeys = rule is { ListType: "map" } ? rule.Keys : [],
            MergeKey = rule?.MergeKey,
            MergePrimitives = rule?.Unites ?? false,
            Embedded = GoShapes.IsEmbedded(place),
            ShownWhenEmpty = GoShapes.IsShownWhenEmpty(place),
        };
    }

    /// <summary>V1PodSpec is PodSpec; Corev1EndpointPort, which another group has too, is EndpointPort.</summary>
    public static string NameOf(Type type) => VersionPrefix().Replace(type.Name, "");

    /// <summary>The model of a kind; null when the client library has none.</summary>
    public static Type? TypeOf(string group, string version, string kind) => Kinds.Value.GetValueOrDefault((group, version, kind));

    [GeneratedRegex("^(V|[A-Z][a-z]+v)[12](?=[A-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPrefix();
}
