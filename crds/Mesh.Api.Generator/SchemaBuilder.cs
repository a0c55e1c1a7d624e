using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mesh.Api.Validation;

namespace Mesh.Api.Generator;

/// <summary>A C# type as a structural OpenAPI v3 schema.</summary>
public sealed class SchemaBuilder(XmlDocs docs, FieldSupport support)
{
    /// <summary>
    /// The schema of a property. The number of lists around it decides how an exclusion is told: CEL gives a better message,
    /// but its estimated cost is multiplied by every list that could hold it, and the API server refuses a CRD that might
    /// cost too much; so within lists the plain <c>oneOf</c> is used.
    /// </summary>
    public YamlMap Property(PropertyInfo property, string path, int listDepth)
    {
        var schema = OfType(property.PropertyType, path, listDepth);
        var map = new YamlMap { ["description"] = docs.Of(property) + (support.NotYet.TryGetValue(path, out var instead) ? $" Not acted on yet: {instead}" : "") };
        foreach (var (key, value) in schema)
        {
            // An object's own description is replaced by what it means here.
            if (key != "description")
                map[key] = value;
        }

        AddBounds(map, property, listDepth);
        return map;
    }

    private YamlMap OfType(Type type, string path, int listDepth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ApiFields.ListElement(type) is { } element)
            return new YamlMap { ["type"] = "array", ["items"] = OfType(element, path, listDepth + 1) };
        if (ApiFields.MapValue(type) is { } value)
            return new YamlMap { ["type"] = "object", ["additionalProperties"] = OfType(value, path, listDepth + 1) };
        // Another system's words, which only it can judge.
        if (type == typeof(JsonElement))
            return new YamlMap { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        if (type == typeof(string) || type == typeof(Duration))
            return new YamlMap { ["type"] = "string" };
        if (type == typeof(bool))
            return new YamlMap { ["type"] = "boolean" };
        if (type == typeof(int))
            return new YamlMap { ["type"] = "integer", ["format"] = "int32" };
        if (type == typeof(long))
            return new YamlMap { ["type"] = "integer", ["format"] = "int64" };
        if (type == typeof(double))
            return new YamlMap { ["type"] = "number", ["format"] = "double" };
        if (type == typeof(DateTimeOffset))
            return new YamlMap { ["type"] = "string", ["format"] = "date-time" };
        if (type.IsEnum)
            return new YamlMap { ["type"] = "string", ["enum"] = EnumNames(type) };
        return OfObject(type, path, listDepth);
    }

    private YamlMap OfObject(Type type, string path, int listDepth)
    {
        var properties = new YamlMap();
        var required = new List<string>();
        foreach (var property in ApiFields.Of(type))
        {
            var name = ApiFields.NameOf(property);
            properties[name] = Property(property, $"{path}.{name}", listDepth);
            if (property.GetCustomAttribute<RequiredAttribute>() is not null || property.GetCustomAttribute<RequiredMemberAttribute>() is not null)
                required.Add(name);
        }

        var map = new YamlMap { ["type"] = "object", ["description"] = docs.Of(type) };
        // The API server drops an empty map; written nevertheless, it would differ from what is stored for ever.
        if (properties.Count > 0)
            map["properties"] = properties;
        if (required.Count > 0)
            map["required"] = required;
        var rules = type.GetCustomAttributes<CelRuleAttribute>().Select(Rule).ToList();
        if (rules.Count > 0)
            map["x-kubernetes-validations"] = rules;
        var exclusions = type.GetCustomAttributes<AtMostOneOfAttribute>().Select(a => a.Properties.Select(ApiFields.NameOf).ToArray()).ToArray();
        if (exclusions.Length == 0)
            return map;
        if (listDepth == 0)
            return map.Put("x-kubernetes-validations", rules.Concat(exclusions.Select(CelExclusion)).ToList());
        return exclusions.Length == 1
            ? map.Put("oneOf", Alternatives(exclusions[0]))
            : map.Put("allOf", exclusions.Select(e => new YamlMap { ["oneOf"] = Alternatives(e) }).ToList());
    }

    private static YamlMap Rule(CelRuleAttribute rule) => new() { ["rule"] = rule.Rule, ["message"] = rule.Message };

    private static YamlMap CelExclusion(string[] names) => new()
    {
        ["rule"] = $"[{string.Join(", ", names.Select(n => $"has(self.{n})"))}].filter(given, given).size() <= 1",
        ["message"] = $"at most one of {string.Join(", ", names)} may be given",
    };

    private static List<YamlMap> Alternatives(string[] names)
    {
        var each = names.Select(n => new YamlMap { ["required"] = new[] { n } }).ToList();
        return [new YamlMap { ["not"] = new YamlMap { ["anyOf"] = each } }, .. each];
    }

    private static void AddBounds(YamlMap map, PropertyInfo property, int listDepth)
    {
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            map["enum"] = allowed.Values;
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            map["minimum"] = range.Minimum;
            if (range.Maximum is not (int.MaxValue or double.MaxValue))
                map["maximum"] = range.Maximum;
        }

        var isMap = ApiFields.MapValue(property.PropertyType) is not null;
        if (property.GetCustomAttribute<MaxLengthAttribute>() is { } most)
            map[isMap ? "maxProperties" : "maxItems"] = most.Length;
        if (property.GetCustomAttribute<MinLengthAttribute>() is { } least)
            map[isMap ? "minProperties" : "minItems"] = least.Length;
        if (property.GetCustomAttribute<StringLengthAttribute>() is { } length)
        {
            if (length.MinimumLength > 0)
                map["minLength"] = length.MinimumLength;
            map["maxLength"] = length.MaximumLength;
        }

        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } expression)
            map["pattern"] = expression.Pattern;
        if (property.GetCustomAttribute<EachAttribute>() is { } each)
        {
            var texts = (YamlMap)map[isMap ? "additionalProperties" : "items"]!;
            if (each.MinLength > 0)
                texts["minLength"] = each.MinLength;
            if (each.MaxLength < int.MaxValue)
                texts["maxLength"] = each.MaxLength;
        }

        if (property.GetCustomAttributes<CelRuleAttribute>().Select(Rule).ToList() is { Count: > 0 } rules)
            map["x-kubernetes-validations"] = rules;
        if (property.GetCustomAttribute<ListMapKeyAttribute>() is { } key)
        {
            map["x-kubernetes-list-type"] = "map";
            map["x-kubernetes-list-map-keys"] = new[] { key.Key };
        }

        if (property.GetCustomAttribute<JsonNumberHandlingAttribute>() is not null)
        {
            // Istio's own status writers put a number or a text here.
            map.Remove("type");
            map.Remove("format");
            map["anyOf"] = new[] { new YamlMap { ["type"] = "integer" }, new YamlMap { ["type"] = "string" } };
            map["x-kubernetes-int-or-string"] = true;
        }

        if (property.GetCustomAttribute<AtLeastAttribute>() is { } shortest && listDepth < 2)
        {
            map["x-kubernetes-validations"] = new[]
            {
                new YamlMap
                {
                    ["rule"] = $"duration(self) >= duration('{shortest.Duration}')",
                    ["message"] = $"must be a duration of at least {shortest.Duration}, such as 5s or 250ms",
                },
            };
        }
    }

    private static List<string> EnumNames(Type type) =>
        [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? f.Name)];
}
