using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// The shapes of built-in kinds as OpenAPI 3 components: fields and texts from the client library's models, how lists merge
/// from the same rules that patches and applies go by. A component is added when something refers to it.
/// </summary>
internal sealed class OpenApiTypes(JsonObject components)
{
    /// <summary>Fields of which a strategic patch keeps only what it names.</summary>
    private static readonly FrozenDictionary<string, string> Strategies = new Dictionary<string, string>
    {
        ["DeploymentSpec.strategy"] = "retainKeys",
        ["PodSpec.volumes"] = "merge,retainKeys",
        ["PodSpec.resourceClaims"] = "merge,retainKeys",
        ["PodStatus.resourceClaimStatuses"] = "merge,retainKeys",
    }.ToFrozenDictionary();

    public JsonObject Reference(Type type)
    {
        var name = OpenApiNames.Of(type);
        if (!components.ContainsKey(name))
        {
            // Types contain themselves: the name is taken before its content is made.
            components[name] = null;
            components[name] = type == typeof(IntOrString) ? EitherNumberOrText() : type == typeof(ResourceQuantity) ? Quantity() : Component(type);
        }

        return Reference(name);
    }

    /// <summary>A component that is nothing but a text or anything at all.</summary>
    public JsonObject Simple(string name, JsonObject content)
    {
        if (!components.ContainsKey(name))
            components[name] = content;
        return Reference(name);
    }

    public static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    /// <summary>The model that stands in a property: itself, or as what a list or map holds.</summary>
    public static Type? ModelIn(Type type)
    {
        type = System.Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsGenericType)
            return ModelIn(type.GetGenericArguments()[^1]);
        return type.Namespace == typeof(V1Pod).Namespace && type.IsClass ? type : null;
    }

    private JsonObject Component(Type type)
    {
        var schema = BuiltInSchemas.Of(type);
        var body = new JsonObject();
        if (Descriptions.Of(type) is { } text)
            body["description"] = text;
        body["type"] = "object";
        var properties = new JsonObject();
        foreach (var (name, property) in PropertiesOf(type).OrderBy(pair => pair.Name, StringComparer.Ordinal))
            properties[name] = Property(property, name, schema.Properties[name], BuiltInSchemas.NameOf(type));
        if (properties.Count > 0)
            body["properties"] = properties;
        if (type.GetCustomAttribute<KubernetesEntityAttribute>() is { } kind)
            body["x-kubernetes-group-version-kind"] = new JsonArray(OpenApiOperations.Kind(kind.Group, kind.ApiVersion, kind.Kind));
        if (schema.Atomic)
            body["x-kubernetes-map-type"] = "atomic";
        return body;
    }

    private static IEnumerable<(string Name, PropertyInfo Property)> PropertiesOf(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name, property))
        .Where(pair => pair.Name is not null)
        .Select(pair => (pair.Name!, pair.property));

    private JsonObject Property(PropertyInfo property, string name, StructuralSchema schema, string owner)
    {
        var body = new JsonObject();
        if (Descriptions.Of(property) is { } text)
            body["description"] = text;
        var shape = property.DeclaringType == typeof(V1ManagedFieldsEntry) && property.PropertyType == typeof(object)
            ? Simple(OpenApiNames.FieldsV1, new JsonObject { ["type"] = "object" })
            : Value(property.PropertyType, schema);
        if (shape.ContainsKey("$ref"))
        {
            if (schema.Embedded)
                body["default"] = new JsonObject();
            body["allOf"] = new JsonArray(shape);
        }
        else
        {
            foreach (var (key, value) in shape)
                body[key] = value?.DeepClone();
        }

        // The objects of a list of a kind are no field that anybody owns.
        if (name == "items" && property.DeclaringType!.Name.EndsWith("List", StringComparison.Ordinal))
            body.Remove("x-kubernetes-list-type");
        if (Strategies.GetValueOrDefault($"{owner}.{name}") is { } strategy)
            body["x-kubernetes-patch-strategy"] = strategy;
        return body;
    }

    private JsonObject Value(Type type, StructuralSchema schema)
    {
        type = System.Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(DateTime))
            return Simple(schema.MicroTime ? OpenApiNames.MicroTime : OpenApiNames.Time, new JsonObject { ["type"] = "string", ["format"] = "date-time" });
        if (type == typeof(object))
            return Simple(OpenApiNames.RawExtension, new JsonObject { ["type"] = "object" });
        if (schema.Items is { } items)
            return List(type.GetGenericArguments()[0], schema, items);
        if (schema.AdditionalProperties is { } values)
        {
            var map = new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(type.GetGenericArguments()[1], values) };
            if (schema.Atomic)
                map["x-kubernetes-map-type"] = "atomic";
            return map;
        }

        if (type == typeof(IntOrString) || ModelIn(type) is not null)
            return Reference(type);
        var plain = new JsonObject { ["type"] = schema.Type };
        if (schema.Format is not null)
            plain["format"] = schema.Format;
        return plain;
    }

    private JsonObject List(Type item, StructuralSchema schema, StructuralSchema items)
    {
        var body = new JsonObject { ["type"] = "array", ["items"] = Value(item, items) };
        if (schema.MapKeys.Length > 0)
            body["x-kubernetes-list-map-keys"] = new JsonArray([.. schema.MapKeys.Select(key => (JsonNode)key)]);
        body["x-kubernetes-list-type"] = schema.ListType;
        if (schema.MergeKey is not null)
            body["x-kubernetes-patch-merge-key"] = schema.MergeKey;
        if (schema.MergeKey is not null || schema.MergePrimitives)
            body["x-kubernetes-patch-strategy"] = "merge";
        return body;
    }

    private static JsonObject EitherNumberOrText() => new()
    {
        ["description"] = Descriptions.Of(typeof(IntOrString)),
        ["format"] = "int-or-string",
        ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
    };

    private static JsonObject Quantity() => new()
    {
        ["description"] = Descriptions.Of(typeof(ResourceQuantity)),
        ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" }),
    };
}
