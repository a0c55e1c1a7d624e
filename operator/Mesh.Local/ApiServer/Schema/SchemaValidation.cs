using System.Globalization;
using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// Checks a custom object against its schema, in Kubernetes' words. Errors of type, presence and size block the rules in CEL
/// (and the answer says so); errors of value do not. What a change leaves as it was is not held against it, so that a schema
/// that became narrower does not lock the objects of before.
/// </summary>
internal sealed class SchemaValidation
{
    private static readonly string[] Blocking =
        ["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"];

    private readonly List<FieldProblem> problems;
    private readonly string within;

    private SchemaValidation(List<FieldProblem> problems, string within)
    {
        this.problems = problems;
        this.within = within;
    }

    /// <summary>Adds to the problems found already: one of those may keep the rules from being asked.</summary>
    public static void Add(List<FieldProblem> problems, JsonElement schema, JsonElement item, JsonElement? before, string within = "")
    {
        new SchemaValidation(problems, within).Value(schema, item, before, "");
        if (problems.Any(problem => Blocking.Contains(problem.Reason)))
        {
            problems.Add(new FieldProblem("<nil>", "FieldValueInvalid",
                "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
            return;
        }

        CelRules.Add(problems, schema, item, before, within);
    }

    /// <summary>The same for a value that is part of no object: a default.</summary>
    public static IEnumerable<FieldProblem> OfDefault(JsonElement schema, JsonElement value, string place)
    {
        var found = new List<FieldProblem>();
        new SchemaValidation(found, place).Value(schema, value, null, "");
        return found;
    }

    private string Field(string path) => within.Length == 0 ? path : path.Length == 0 ? within : within + "." + path;

    private void Value(JsonElement schema, JsonElement value, JsonElement? before, string path)
    {
        if (value.ValueKind == JsonValueKind.Null && (schema.Flag("nullable") || schema.Text("type") is null))
            return;
        if (before is { } old && JsonElement.DeepEquals(old, value))
            return;
        if (ScalarRules.TypeProblem(schema, value, path) is { } wrong)
        {
            problems.Add(new FieldProblem(Field(path), "FieldValueTypeInvalid", wrong));
            ScalarRules.Enumeration(problems, schema, value, Field(path));
            ScalarRules.Whole(problems, schema, value, path);
            return;
        }

        ScalarRules.Enumeration(problems, schema, value, Field(path));
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Map(schema, value, before, path);
                break;
            case JsonValueKind.Array:
                List(schema, value, before, path);
                break;
            case JsonValueKind.String:
                ScalarRules.Text(problems, schema, value.GetString()!, Field(path), path);
                break;
            case JsonValueKind.Number:
                ScalarRules.Number(problems, schema, value, Field(path), path);
                break;
        }

        Combinations(schema, value, path);
    }

    private void Map(JsonElement schema, JsonElement value, JsonElement? before, string path)
    {
        var root = path.Length == 0 && within.Length == 0;
        foreach (var property in value.EnumerateObject())
        {
            if (root && property.Name is "metadata" or "apiVersion" or "kind" && root)
                continue;
            var place = path.Length == 0 ? property.Name : path + "." + property.Name;
            var old = before?.At(property.Name);
            if (schema.At("properties", property.Name) is { } known)
                Value(known, property.Value, old, place);
            else if (schema.At("additionalProperties") is { ValueKind: JsonValueKind.Object } values)
                Value(values, property.Value, old, place);
        }

        foreach (var required in schema.Items("required").Select(item => item.GetString()!))
        {
            if (!value.TryGetProperty(required, out var found) || (found.ValueKind == JsonValueKind.Null && schema.At("properties", required) is { } field && !field.Flag("nullable")))
                problems.Add(FieldProblem.Required(Field(path.Length == 0 ? required : path + "." + required)));
        }

        if (schema.Flag("x-kubernetes-embedded-resource"))
            Embedded(value, path);
        var count = value.GetPropertyCount();
        if (schema.Integer("maxProperties") is { } most && count > most)
            problems.Add(FieldProblem.TooMany(Field(path), count, most));
        if (schema.Integer("minProperties") is { } least && count < least)
            problems.Add(FieldProblem.Invalid(Field(path), count.ToString(CultureInfo.InvariantCulture), $"{path} in body should have at least {least} properties"));
    }

    /// <summary>An object in an object says what it is.</summary>
    private void Embedded(JsonElement value, string path)
    {
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
        {
            if (value.Text(name) is not { Length: > 0 })
                problems.Add(FieldProblem.Required(Field(path + "." + name)));
        }
    }

    private void List(JsonElement schema, JsonElement value, JsonElement? before, string path)
    {
        var count = value.GetArrayLength();
        if (schema.Integer("maxItems") is { } most && count > most)
            problems.Add(FieldProblem.TooMany(Field(path), count, most));
        if (schema.Integer("minItems") is { } least && count < least)
            problems.Add(FieldProblem.Invalid(Field(path), count.ToString(CultureInfo.InvariantCulture), $"{path} in body should have at least {least} items"));
        if (schema.At("items") is { } items)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
                Value(items, item, CelRules.Former(schema, item, before), $"{path}[{(index++).ToString(CultureInfo.InvariantCulture)}]");
        }

        Duplicates(schema, value, path);
    }

    private void Duplicates(JsonElement schema, JsonElement value, string path)
    {
        var kind = schema.Text("x-kubernetes-list-type");
        if (kind is not ("set" or "map"))
            return;
        var keys = schema.Items("x-kubernetes-list-map-keys").Select(key => key.GetString()!).ToList();
        var seen = new HashSet<string>();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var shown = kind == "set"
                ? item.GetRawText()
                : "{" + string.Join(",", keys.Select(key => $"\"{key}\":{item.At(key)?.GetRawText() ?? "null"}")) + "}";
            if (!seen.Add(shown))
                problems.Add(FieldProblem.Duplicate(Field($"{path}[{index.ToString(CultureInfo.InvariantCulture)}]"), shown));
            index++;
        }
    }

    private void Combinations(JsonElement schema, JsonElement value, string path)
    {
        foreach (var part in schema.Items("allOf"))
            Value(part, value, null, path);
        if (schema.At("anyOf") is { ValueKind: JsonValueKind.Array } any && !any.EnumerateArray().Any(part => Holds(part, value, path)))
            problems.Add(FieldProblem.Invalid(Field(path), ScalarRules.Shown(value), $"{path} in body must validate at least one schema (anyOf)"));
        if (schema.At("oneOf") is { ValueKind: JsonValueKind.Array } one)
        {
            var matching = one.EnumerateArray().Count(part => Holds(part, value, path));
            if (matching != 1)
                problems.Add(FieldProblem.Invalid(Field(path), ScalarRules.Shown(value), $"{path} in body must validate one and only one schema (oneOf). Found {(matching == 0 ? "none valid" : matching + " valid alternatives")}"));
        }

        if (schema.At("not") is { ValueKind: JsonValueKind.Object } not && Holds(not, value, path))
            problems.Add(FieldProblem.Invalid(Field(path), ScalarRules.Shown(value), $"{path} in body must not validate the schema (not)"));
    }

    private static bool Holds(JsonElement schema, JsonElement value, string path)
    {
        var found = new List<FieldProblem>();
        new SchemaValidation(found, "").Value(schema, value, null, path);
        return found.Count == 0;
    }
}
