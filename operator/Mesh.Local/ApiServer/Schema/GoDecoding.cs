using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// Reads a document of a built-in kind as its Go type would: unknown fields drop out (and are named), nulls become what the Go
/// type is at first, times and quantities take the form they are kept in, and a value of the wrong type refuses the document
/// in the words of Go's decoder.
/// </summary>
internal sealed class GoDecoding
{
    private const string SchemaType = "JSONSchemaProps";
    private readonly List<string> unknown;
    private readonly Stack<string> fields = new();
    private string structure = "";

    private GoDecoding(List<string> unknown) => this.unknown = unknown;

    /// <exception cref="DecodingException">A value is of a type its field cannot hold.</exception>
    public static void Decode(JsonObject body, StructuralSchema schema, List<string> unknown, string path = "") =>
        new GoDecoding(unknown).Struct(body, schema, path);

    private void Struct(JsonObject item, StructuralSchema schema, string path)
    {
        var isSchema = schema.TypeName == SchemaType;
        if (schema.PreserveUnknownFields && !isSchema)
            return;
        var outer = structure;
        structure = schema.TypeName ?? structure;
        foreach (var (name, value) in item.ToList())
        {
            var place = path.Length == 0 ? name : path + "." + name;
            if (!schema.Properties.TryGetValue(name, out var field))
            {
                unknown.Add(place);
                item.Remove(name);
                continue;
            }

            if (value is null)
            {
                // Absent and null are one for a Go field; one that shows itself always is put back below.
                if (!field.ShownWhenEmpty)
                    item.Remove(name);
                continue;
            }

            fields.Push(name);
            if (isSchema && name is "items" or "additionalProperties" or "additionalItems" && isSchema)
                Part(value, schema, place);
            else if (Value(value, field, place) is { } better)
                item[name] = better;
            fields.Pop();
            if (IsLeftOut(value, field))
                item.Remove(name);
        }

        foreach (var name in schema.NullWhenAbsent)
            item.TryAdd(name, null);
        structure = outer;
    }

    /// <summary>A schema in a schema, where also a list of them or just yes or no may stand.</summary>
    private void Part(JsonNode value, StructuralSchema schema, string path)
    {
        var name = fields.Peek();
        if (value is JsonObject part)
            Struct(part, schema, path);
        else if (value is JsonArray list && name == "items")
            List(list, schema, path);
        else if (name == "items" || value.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
            throw Wrong(value.GetValueKind(), "Go value of type v1." + SchemaType);
    }

    /// <summary>Go leaves empty lists and maps out, but for those that its types say to show.</summary>
    private static bool IsLeftOut(JsonNode value, StructuralSchema field) => value switch
    {
        JsonArray { Count: 0 } => !field.ShownWhenEmpty,
        JsonObject { Count: 0 } => field.AdditionalProperties is not null && !field.ShownWhenEmpty,
        _ => false,
    };

    private void Map(JsonObject item, StructuralSchema values, string path)
    {
        foreach (var (name, value) in item.ToList())
        {
            if (value is null)
                item[name] = Zero(values);
            else if (Value(value, values, path + "." + name) is { } better)
                item[name] = better;
        }
    }

    private void List(JsonArray list, StructuralSchema items, string path)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not { } entry)
                list[i] = Zero(items);
            else if (Value(entry, items, $"{path}[{i.ToString(CultureInfo.InvariantCulture)}]") is { } better)
                list[i] = better;
        }
    }

    /// <summary>A value to put in this one's place; null leaves it.</summary>
    private JsonNode? Value(JsonNode value, StructuralSchema schema, string path)
    {
        if (schema.PreserveUnknownFields && schema.Type is null)
            return null;
        var kind = value.GetValueKind();
        switch (schema.Type)
        {
            case "object" when value is JsonObject item && schema.AdditionalProperties is { } values:
                Map(item, values, path);
                return null;
            case "object" when value is JsonObject item:
                Struct(item, schema, path);
                return null;
            case "array" when value is JsonArray list:
                List(list, schema.Items!, path);
                return null;
            case "string" when schema.Format == "date-time":
                return Time(value, kind, schema.MicroTime);
            case "string" when kind == JsonValueKind.String:
                if (schema.Format == "byte" && BadBase64(value.GetValue<string>()) is { } at)
                    throw new DecodingException($"illegal base64 data at input byte {at.ToString(CultureInfo.InvariantCulture)}");
                return null;
            case "boolean" when kind is JsonValueKind.True or JsonValueKind.False:
            case "number" when kind == JsonValueKind.Number:
                return null;
            case "integer" when kind == JsonValueKind.Number:
                Whole(value, schema.Format == "int32", Place(GoType(schema)));
                return null;
            case null when schema.Format == "quantity":
                return Quantity(value, kind);
            case null when kind == JsonValueKind.String:
                return null;
            case null:
                Whole(kind == JsonValueKind.Number ? value : throw Wrong(kind, "Go value of type int32"), int32: true, "Go value of type int32");
                return null;
            default:
                throw Wrong(kind, Place(GoType(schema)));
        }
    }

    private static JsonValue Time(JsonNode value, JsonValueKind kind, bool micro)
    {
        if (kind != JsonValueKind.String)
            throw Wrong(kind, "Go value of type string");
        var (time, problem) = GoTimes.Read(value.GetValue<string>(), micro);
        return JsonValue.Create(time ?? throw new DecodingException(problem!));
    }

    private static JsonValue Quantity(JsonNode value, JsonValueKind kind)
    {
        var text = kind == JsonValueKind.String ? value.GetValue<string>().Trim() : value.ToJsonString();
        var (kept, problem) = Quantities.Read(text);
        return JsonValue.Create(kept ?? throw new DecodingException(problem!));
    }

    private static void Whole(JsonNode value, bool int32, string target)
    {
        var text = value.ToJsonString();
        var fits = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && (!int32 || number is >= int.MinValue and <= int.MaxValue);
        if (!fits)
            throw new DecodingException($"json: cannot unmarshal number {text} into {target}");
    }

    private string Place(string type) =>
        $"Go struct field {structure}.{string.Join(".", fields.Reverse())} of type {type}";

    private static DecodingException Wrong(JsonValueKind kind, string target) =>
        new($"json: cannot unmarshal {GoKind(kind)} into {target}");

    /// <summary>What null becomes where Go's type has no null.</summary>
    private static JsonNode? Zero(StructuralSchema schema) => schema switch
    {
        { Type: "string" } => "",
        { Type: "integer" or "number" } => 0,
        { Type: "boolean" } => false,
        { Type: null, Format: "quantity" } => "0",
        { Type: null, Format: "int-or-string" } => 0,
        { Type: "object", AdditionalProperties: null } => new JsonObject(),
        _ => null,
    };

    private static int? BadBase64(string text)
    {
        if (Convert.TryFromBase64String(text, new byte[(text.Length * 3 / 4) + 3], out _))
            return null;
        var at = text.AsSpan().IndexOfAnyExcept(Base64);
        if (at < 0)
            return text.Length - (text.Length % 4);
        return text[at] == '=' && text.AsSpan(at).IndexOfAnyExcept('=') < 0 ? text.Length : at;
    }

    private static readonly System.Buffers.SearchValues<char> Base64 =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n");

    public static string GoKind(JsonValueKind kind) => kind switch
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
        { Type: "string", Format: "byte" } => "[]uint8",
        { Type: "string" } => "string",
        { Type: "array" } => "[]" + GoType(schema.Items!),
        { AdditionalProperties: { } values } => "map[string]" + GoType(values),
        { Format: "quantity" } => "resource.Quantity",
        _ => "v1." + (schema.TypeName ?? "object"),
    };
}
