using System.Text.Json;
using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Whether a document has the fields and types of a kind. What the values mean is for the kind's validator.</summary>
internal static class DocumentShape
{
    private static readonly string[] Head = ["apiVersion", "kind", "metadata"];

    /// <summary>Every unknown field and every value of a wrong type.</summary>
    public static void Check(FindingList found, string path, Type type, JsonElement value)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        // A null leaves a field out, and stands for nothing set within a list.
        if (value.ValueKind == JsonValueKind.Null)
            return;
        if (ApiFields.ListElement(type) is { } element)
            List(found, path, element, value);
        else if (ApiFields.MapValue(type) is { } entry)
            Map(found, path, entry, value);
        else if (ApiFields.IsObject(type))
            Object(found, path, type, value);
        else if (!Fits(type, value))
            WrongType(found, path, value, Expected(type));
    }

    private static void List(FindingList found, string path, Type element, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            WrongType(found, path, value, "a list");
            return;
        }

        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            // An empty match is a match of everything, however it is written.
            if (item.ValueKind == JsonValueKind.Null && element != typeof(HttpMatchRequest))
                WrongType(found, $"{path}[{i}]", item, ApiFields.IsObject(element) ? "an object with fields" : Expected(element));
            Check(found, $"{path}[{i++}]", element, item);
        }
    }

    private static void Map(FindingList found, string path, Type entry, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            WrongType(found, path, value, "a map");
            return;
        }

        foreach (var item in value.EnumerateObject())
        {
            // Of an entry that is compared with something its own rule says what is missing.
            if (item.Value.ValueKind == JsonValueKind.Null && entry != typeof(StringMatch))
                WrongType(found, $"{path}[{item.Name}]", item.Value, ApiFields.IsObject(entry) ? "an object with fields" : Expected(entry));
            Check(found, $"{path}[{item.Name}]", entry, item.Value);
        }
    }

    private static void Object(FindingList found, string path, Type type, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            WrongType(found, path, value, "an object with fields");
            return;
        }

        var fields = ApiFields.Of(type).ToDictionary(ApiFields.NameOf);
        foreach (var item in value.EnumerateObject())
        {
            var at = path.Length == 0 ? item.Name : $"{path}.{item.Name}";
            // Head and status are the API server's and the operator's.
            if (path.Length == 0 && (Head.Contains(item.Name) || item.Name == "status"))
                continue;
            if (fields.TryGetValue(item.Name, out var field))
                Check(found, at, field.PropertyType, item.Value);
            else
                found.Error(at, Shown(item.Value), "There is no such field.", Spelling.Suggestion(item.Name, fields.Keys), FindingCodes.UnknownField);
        }

        foreach (var exclusion in type.GetCustomAttributes(typeof(AtMostOneOfAttribute), false).Cast<AtMostOneOfAttribute>())
        {
            var given = exclusion.Properties.Select(ApiFields.NameOf).Where(n => value.TryGetProperty(n, out var v) && v.ValueKind != JsonValueKind.Null).ToArray();
            if (given.Length > 1)
                found.Error(path, null, $"{string.Join(" and ", given)} exclude each other.", "Keep one of them.");
        }
    }

    private static bool Fits(Type type, JsonElement value)
    {
        if (type == typeof(JsonElement))
            return value.ValueKind == JsonValueKind.Object;
        if (type == typeof(bool))
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
        if (type == typeof(int))
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _);
        if (type == typeof(long))
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _);
        if (type == typeof(double))
            return value.ValueKind == JsonValueKind.Number;
        return value.ValueKind == JsonValueKind.String;
    }

    private static string Expected(Type type) =>
        type == typeof(JsonElement) ? "an object with fields"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(double) ? "a number"
        : type == typeof(Duration) ? "a duration in quotes or with its unit, such as 5s"
        : "a text";

    private static void WrongType(FindingList found, string path, JsonElement value, string expected) =>
        found.Error(path, Shown(value), $"This must be {expected}.", value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False && expected == "a text" ? "Put it in quotes." : $"Write {expected} here.");

    private static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
