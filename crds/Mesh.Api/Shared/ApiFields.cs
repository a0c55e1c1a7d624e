using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Api;

/// <summary>The fields of the API's types by reflection: what generator, schema check and field walker agree on.</summary>
public static class ApiFields
{
    /// <summary>The properties of a type that are fields in JSON, in the order written.</summary>
    public static IEnumerable<PropertyInfo> Of(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
        // Members of a base record come last by reflection order; they are what a reader wants first.
        .OrderBy(p => p.DeclaringType == type ? 1 : 0);

    /// <summary>A property's name in JSON.</summary>
    public static string NameOf(PropertyInfo property) => NameOf(property.Name);

    /// <summary>The JSON name of a C# name.</summary>
    public static string NameOf(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);

    /// <summary>The element type of a list, or <c>null</c> when the type is none.</summary>
    public static Type? ListElement(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>The value type of a map with text keys, or <c>null</c> when the type is none.</summary>
    public static Type? MapValue(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? type.GetGenericArguments()[1] : null;

    /// <summary>Whether the type has fields of its own, as against a text, number, duration or time.</summary>
    public static bool IsObject(Type type) =>
        type.IsClass && type != typeof(string) && type != typeof(Duration) && ListElement(type) is null && MapValue(type) is null;
}
