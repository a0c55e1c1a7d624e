using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;

namespace Mesh.Local.ApiServer.Patching;

/// <summary>Values as Go prints them, which some messages of Kubernetes show.</summary>
internal static class GoText
{
    private static readonly string[] MetadataOrder =
    [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    ];

    private static readonly string[] EntryOrder = ["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"];

    /// <summary>map[a:1 b:[x y]]</summary>
    public static string Of(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject map => "map[" + string.Join(" ", map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}:{Of(pair.Value)}")) + "]",
        JsonArray list => "[" + string.Join(" ", list.Select(Of)) + "]",
        _ when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    /// <summary>map[string]interface {}{"a":1}</summary>
    public static string Literal(JsonNode? value) => value switch
    {
        null => "interface {}(nil)",
        JsonObject map => "map[string]interface {}{" + string.Join(", ", map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{FieldProblem.Quote(pair.Key)}:{Literal(pair.Value)}")) + "}",
        JsonArray list => "[]interface {}{" + string.Join(", ", list.Select(Literal)) + "}",
        _ when value.GetValueKind() == JsonValueKind.String => FieldProblem.Quote(value.GetValue<string>()),
        _ => value.ToJsonString(),
    };

    public static string TypeOf(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject => "map[string]interface {}",
        JsonArray => "[]interface {}",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => long.TryParse(value.ToJsonString(), out _) ? "int64" : "float64",
            _ => "bool",
        },
    };

    /// <summary>A whole object as JSON with the keys in the order Go writes them: sorted, but for the metadata of built-in kinds.</summary>
    public static string Json(JsonObject item, bool custom)
    {
        var text = new StringBuilder();
        Write(text, item, custom ? [] : ["metadata"], MetadataOrder);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? value, string[] typed, string[] order)
    {
        switch (value)
        {
            case JsonObject map:
                Map(text, map, typed, order, static name => name);
                break;
            case JsonArray list:
                text.Append('[');
                for (var i = 0; i < list.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",");
                    Write(text, list[i], typed, order);
                }

                text.Append(']');
                break;
            default:
                text.Append(value is null ? "null" : Encoding.UTF8.GetString(Mesh.Local.ApiServer.Json.JsonAccess.ToBytes(value)));
                break;
        }
    }

    private static void Map(StringBuilder text, JsonObject map, string[] typed, string[] order, Func<string, string> by)
    {
        var first = true;
        text.Append('{');
        foreach (var (name, value) in map.OrderBy(pair => by(pair.Key), StringComparer.Ordinal))
        {
            text.Append(first ? "" : ",").Append(FieldProblem.Quote(name)).Append(':');
            first = false;
            if (typed.Contains(name) && value is JsonObject inner)
                Map(text, inner, ["managedFields"], EntryOrder, field => Place(order, field));
            else if (typed.Contains(name) && value is JsonArray entries)
                text.Append('[').AppendJoin(',', entries.OfType<JsonObject>().Select(entry => Entry(entry, order))).Append(']');
            else
                Write(text, value, [], []);
        }

        text.Append('}');
    }

    private static string Entry(JsonObject entry, string[] order)
    {
        var text = new StringBuilder();
        Map(text, entry, [], [], field => Place(order, field));
        return text.ToString();
    }

    /// <summary>Fields of a known order first, any other by name behind them.</summary>
    private static string Place(string[] order, string name) =>
        Array.IndexOf(order, name) is >= 0 and var at ? ((char)(1 + at)).ToString() : name;
}
