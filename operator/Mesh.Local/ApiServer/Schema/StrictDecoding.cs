using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// Reads a document of a built-in kind as its Go type would: unknown fields drop out (and are named), nulls count as absent,
/// whole numbers written with a fraction of zero become whole, and a value of the wrong type refuses the request.
/// </summary>
internal static class StrictDecoding
{
    public static void Decode(WriteRequest write, JsonObject body, StructuralSchema schema, List<string> unknown) =>
        Object(write, body, schema, "", unknown);

    /// <summary>Only refuses wrong types: the document stays as it came.</summary>
    public static void Types(WriteRequest write, JsonObject part, StructuralSchema schema, string path) =>
        Object(write, (JsonObject)part.DeepClone(), schema, path, []);

    private static void Object(WriteRequest write, JsonObject item, StructuralSchema schema, string path, List<string> unknown)
    {
        if (schema.PreserveUnknownFields)
            return;
        foreach (var (name, value) in item.ToList())
        {
            var field = schema.Field(name);
            var place = path.Length == 0 ? name : path + "." + name;
            if (field is null)
            {
                unknown.Add(place);
                item.Remove(name);
            }
            else if (value is null)
            {
                item.Remove(name);
            }
            else if (Value(write, value, field, place, unknown) is { } better)
            {
                item[name] = better;
            }
        }
    }

    /// <summary>A value to put in this one's place; null leaves it.</summary>
    private static JsonNode? Value(WriteRequest write, JsonNode value, StructuralSchema schema, string path, List<string> unknown)
    {
        if (schema.PreserveUnknownFields)
            return null;
        var kind = value.GetValueKind();
        switch (schema.Type)
        {
            case "object" when value is JsonObject item:
                Object(write, item, schema, path, unknown);
                return null;
            case "array" when value is JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is { } entry && Value(write, entry, schema.Items!, $"{path}[{i}]", unknown) is { } better)
                        list[i] = better;
                }

                return null;
            case "string" when kind == JsonValueKind.String:
                if (schema.Format == "byte" && !IsBase64(value.GetValue<string>()))
                    throw Wrong(write, "illegal base64 data at input byte 0");
                return null;
            case "boolean" when kind is JsonValueKind.True or JsonValueKind.False:
            case "number" when kind == JsonValueKind.Number:
                return null;
            case "integer" when kind == JsonValueKind.Number:
                return Whole(write, value, path);
            case null when kind is JsonValueKind.String or JsonValueKind.Number:
                return null;
            default:
                throw Wrong(write, $"json: cannot unmarshal {GoKind(kind)} into Go struct field {write.Resource.Kind}.{path} of type {GoType(schema)}");
        }
    }

    private static JsonNode? Whole(WriteRequest write, JsonNode value, string path)
    {
        var text = value.ToJsonString();
        if (long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _))
            return null;
        if (decimal.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue)
            return JsonValue.Create((long)number);
        throw Wrong(write, $"json: cannot unmarshal number {text} into Go struct field {write.Resource.Kind}.{path} of type int64");
    }

    private static StatusException Wrong(WriteRequest write, string problem) => StatusException.BadRequest(
        $"{write.Resource.Kind} in version \"{write.Version.Name}\" cannot be handled as a {write.Resource.Kind}: {problem}");

    private static bool IsBase64(string text) => Convert.TryFromBase64String(text, new byte[(text.Length * 3 / 4) + 3], out _);

    private static string GoKind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };

    private static string GoType(StructuralSchema schema) => schema switch
    {
        { Type: "integer", Format: "int32" } => "int32",
        { Type: "integer" } => "int64",
        { Type: "boolean" } => "bool",
        { Type: "number" } => "float64",
        { Type: "string" } => "string",
        { Type: "array" } => "[]" + GoType(schema.Items!),
        { AdditionalProperties: { } values } => "map[string]" + GoType(values),
        _ => schema.TypeName ?? "object",
    };
}
