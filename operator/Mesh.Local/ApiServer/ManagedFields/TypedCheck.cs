using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Patching;
using Mesh.Local.ApiServer.Schema;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.ManagedFields;

/// <summary>
/// Whether an applied document can be seen through its schema at all: apply refuses what is not declared there, of the wrong
/// type or twice in a list by key, whatever fieldValidation says.
/// </summary>
internal static class TypedCheck
{
    public static void Check(WriteRequest write, JsonObject applied)
    {
        var problems = new List<string>();
        Add(problems, applied, FieldChanges.SchemaOf(write), "");
        if (problems.Count == 0)
            return;
        var text = problems.Count == 1 ? problems[0] : "errors:\n" + string.Join("\n", problems.Select(one => "  " + one));
        var version = write.Resource.Group.Length == 0 ? "/" + write.ApiVersion : write.ApiVersion;
        throw new StatusException(500, null,
            $"failed to create typed patch object ({applied.Text("metadata", "namespace")}/{applied.Text("metadata", "name")}; {version}, Kind={write.Resource.Kind}): {text}");
    }

    private static void Add(List<string> problems, JsonNode? value, StructuralSchema schema, string path)
    {
        if (value is null || (schema.PreserveUnknownFields && schema.Properties.Count == 0))
            return;
        var problem = Scalar(value, schema);
        if (problem is not null)
        {
            problems.Add($"{path}: {problem}");
            return;
        }

        if (value is JsonObject map && schema.Type == "object")
            Map(problems, map, schema, path);
        else if (value is JsonArray list && schema.Type == "array")
            List(problems, list, schema, path);
    }

    private static string? Scalar(JsonNode value, StructuralSchema schema)
    {
        var kind = value.GetValueKind();
        if (schema.Type is null)
            return value is JsonValue ? null : $"expected any scalar, got &{{{GoText.Of(value)}}}";
        return schema.Type switch
        {
            "object" when value is not JsonObject => $"expected map, got &{{{GoText.Of(value)}}}",
            "array" when value is not JsonArray => $"expected list, got &{{{GoText.Of(value)}}}",
            "string" when kind != JsonValueKind.String => $"expected string, got &value.valueUnstructured{{Value:{GoText.Literal(value)}}}",
            "boolean" when kind is not (JsonValueKind.True or JsonValueKind.False) => $"expected boolean, got &{{{GoText.Of(value)}}}",
            "integer" or "number" when kind != JsonValueKind.Number => $"expected numeric (int or float), got {GoText.TypeOf(value)}",
            _ => null,
        };
    }

    private static void Map(List<string> problems, JsonObject map, StructuralSchema schema, string path)
    {
        foreach (var (name, child) in map)
        {
            if (schema.Field(name) is { } field)
                Add(problems, child, field, path + "." + name);
            else if (!schema.PreserveUnknownFields)
                problems.Add($"{path}.{name}: field not declared in schema");
        }
    }

    private static void List(List<string> problems, JsonArray list, StructuralSchema schema, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var item in list)
        {
            var place = "[" + index.ToString(CultureInfo.InvariantCulture) + "]";
            if (TypedValue.IsItems(schema, list))
            {
                if (schema.IsListMap && !schema.MapKeys.Any(key => item.At(key) is not null || TypedValue.KeyDefault(schema, key) is not null))
                {
                    problems.Add($"{path}: element {index}: associative list with keys has an element that omits all key fields [{string.Join(" ", schema.MapKeys.Select(FieldProblem.Quote))}] (and doesn't have default values for any key fields)");
                    return;
                }

                var step = TypedValue.Step(schema, item);
                place = Conflicts.Key(step);
                if (!seen.Add(step))
                    problems.Add($"{path}: duplicate entries for key {place}");
            }

            Add(problems, item, TypedValue.ItemSchema(schema), path + place);
            index++;
        }
    }
}
