using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// Checks a custom object against its schema, in Kubernetes' words. Errors of type, presence and size block the rules in CEL
/// (and the answer says so); errors of value do not.
/// </summary>
internal sealed class SchemaValidation
{
    private readonly List<FieldProblem> problems;
    private bool blocking;

    private SchemaValidation(List<FieldProblem> problems) => this.problems = problems;

    public static void Add(List<FieldProblem> problems, StructuralSchema schema, JsonObject item, JsonElement? before)
    {
        if (schema.Source is not { } source)
            return;
        var check = new SchemaValidation(problems);
        var element = item.ToElement();
        check.Value(source, element, "");
        if (check.blocking)
        {
            problems.Add(new FieldProblem("<nil>", "FieldValueInvalid",
                "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
            return;
        }

        CelRules.Add(problems, source, element, before);
    }

    private void Value(JsonElement schema, JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Null && (schema.Flag("nullable") || schema.Text("type") is null))
            return;
        if (!HasType(schema, value))
        {
            var found = TypeOf(value);
            Block(FieldProblem.WrongType(path, Quoted(found), $"{path} in body must be of type {schema.Text("type")}: \"{found}\""));
            Enumeration(schema, value, path);
            return;
        }

        Enumeration(schema, value, path);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Map(schema, value, path);
                break;
            case JsonValueKind.Array:
                List(schema, value, path);
                break;
            case JsonValueKind.String:
                Text(schema, value.GetString()!, path);
                break;
            case JsonValueKind.Number:
                Number(schema, value, path);
                break;
        }

        Combinations(schema, value, path);
    }

    private void Map(JsonElement schema, JsonElement value, string path)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (path.Length == 0 && property.Name is "metadata" or "apiVersion" or "kind" && path.Length == 0)
                continue;
            var place = path.Length == 0 ? property.Name : path + "." + property.Name;
            if (schema.At("properties", property.Name) is { } known)
                Value(known, property.Value, place);
            else if (schema.At("additionalProperties") is { ValueKind: JsonValueKind.Object } values)
                Value(values, property.Value, place);
        }

        foreach (var required in schema.Items("required").Select(item => item.GetString()!))
        {
            if (!value.TryGetProperty(required, out var found) || (found.ValueKind == JsonValueKind.Null && schema.At("properties", required) is { } field && !field.Flag("nullable")))
                Block(FieldProblem.Required(path.Length == 0 ? required : path + "." + required));
        }

        var count = value.GetPropertyCount();
        if (schema.Integer("maxProperties") is { } most && count > most)
            Block(new FieldProblem(path, "FieldValueTooMany", $"Too many: {count}: must have at most {most} items"));
        if (schema.Integer("minProperties") is { } least && count < least)
            problems.Add(FieldProblem.Invalid(path, count.ToString(CultureInfo.InvariantCulture), $"{path} in body should have at least {least} properties"));
    }

    private void List(JsonElement schema, JsonElement value, string path)
    {
        var count = value.GetArrayLength();
        if (schema.Integer("maxItems") is { } most && count > most)
            Block(FieldProblem.TooMany(path, count, most));
        if (schema.Integer("minItems") is { } least && count < least)
            problems.Add(FieldProblem.Invalid(path, count.ToString(CultureInfo.InvariantCulture), $"{path} in body should have at least {least} items"));
        if (schema.At("items") is { } items)
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
                Value(items, item, $"{path}[{index++}]");
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
                Block(FieldProblem.Duplicate($"{path}[{index}]", shown));
            index++;
        }
    }

    private void Text(JsonElement schema, string value, string path)
    {
        var length = value.EnumerateRunes().Count();
        if (schema.Integer("maxLength") is { } most && length > most)
            Block(FieldProblem.TooLong(path, most));
        if (schema.Integer("minLength") is { } least && length < least)
            problems.Add(FieldProblem.Invalid(path, Quoted(value), $"{path} in body should be at least {least} chars long"));
        if (schema.Text("pattern") is { } pattern && !Patterns.Matches(pattern, value))
            problems.Add(FieldProblem.Invalid(path, Quoted(value), $"{path} in body should match '{pattern}'"));
        if (schema.Text("format") is { } format && !Formats.Accepts(format, value))
            Block(FieldProblem.WrongType(path, Quoted(value), $"{path} in body must be of type {format}: {Quoted(value)}"));
    }

    private void Number(JsonElement schema, JsonElement value, string path)
    {
        var text = value.GetRawText();
        if (!double.TryParse(text, CultureInfo.InvariantCulture, out var number))
            return;
        if (schema.Text("type") == "integer" && !Formats.InRange(schema.Text("format"), number))
        {
            problems.Add(FieldProblem.Invalid("<nil>", "\"\"", $"Checked value must be of type integer with format {schema.Text("format")} in {path}"));
            return;
        }

        if (schema.At("minimum") is { } least && (number < least.GetDouble() || (schema.Flag("exclusiveMinimum") && number.Equals(least.GetDouble()))))
            problems.Add(FieldProblem.Invalid(path, text, $"{path} in body should be greater than {(schema.Flag("exclusiveMinimum") ? "" : "or equal to ")}{least.GetRawText()}"));
        if (schema.At("maximum") is { } most && (number > most.GetDouble() || (schema.Flag("exclusiveMaximum") && number.Equals(most.GetDouble()))))
            problems.Add(FieldProblem.Invalid(path, text, $"{path} in body should be less than {(schema.Flag("exclusiveMaximum") ? "" : "or equal to ")}{most.GetRawText()}"));
        if (schema.At("multipleOf") is { } factor && Math.Abs(Math.IEEERemainder(number, factor.GetDouble())) > 1e-9)
            problems.Add(FieldProblem.Invalid(path, text, $"{path} in body should be a multiple of {factor.GetRawText()}"));
    }

    private void Enumeration(JsonElement schema, JsonElement value, string path)
    {
        if (schema.At("enum") is not { ValueKind: JsonValueKind.Array } allowed)
            return;
        if (allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            return;
        var shown = value.ValueKind == JsonValueKind.Object ? "{}" : value.GetRawText();
        Block(FieldProblem.NotSupported(path, shown, allowed.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? one.GetString()! : one.GetRawText())));
    }

    private void Combinations(JsonElement schema, JsonElement value, string path)
    {
        foreach (var part in schema.Items("allOf"))
            Value(part, value, path);
        if (schema.At("anyOf") is { ValueKind: JsonValueKind.Array } any && !any.EnumerateArray().Any(part => Holds(part, value, path)))
            Block(FieldProblem.Invalid(path, Shown(value), $"{path} in body must validate at least one schema (anyOf)"));
        if (schema.At("oneOf") is { ValueKind: JsonValueKind.Array } one)
        {
            var matching = one.EnumerateArray().Count(part => Holds(part, value, path));
            if (matching != 1)
                Block(FieldProblem.Invalid(path, Shown(value), $"{path} in body must validate one and only one schema (oneOf). Found {(matching == 0 ? "none valid" : matching + " valid alternatives")}"));
        }

        if (schema.At("not") is { ValueKind: JsonValueKind.Object } not && Holds(not, value, path))
            Block(FieldProblem.Invalid(path, Shown(value), $"{path} in body must not validate the schema (not)"));
    }

    private static bool Holds(JsonElement schema, JsonElement value, string path)
    {
        var found = new List<FieldProblem>();
        var check = new SchemaValidation(found);
        check.Value(schema, value, path);
        return found.Count == 0;
    }

    private void Block(FieldProblem problem)
    {
        blocking = true;
        problems.Add(problem);
    }

    private static bool HasType(JsonElement schema, JsonElement value)
    {
        if (schema.Flag("x-kubernetes-int-or-string"))
            return value.ValueKind is JsonValueKind.String || IsWhole(value);
        return schema.Text("type") switch
        {
            null => true,
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "number" => value.ValueKind == JsonValueKind.Number,
            "integer" => IsWhole(value),
            _ => true,
        };
    }

    private static bool IsWhole(JsonElement value) => value.ValueKind == JsonValueKind.Number
        && (value.TryGetInt64(out _) || (value.TryGetDouble(out var number) && Math.Floor(number).Equals(number)));

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => IsWhole(value) ? "integer" : "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    private static string Shown(JsonElement value) => value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? Quoted(TypeOf(value)) : value.GetRawText();

    private static string Quoted(string text) => FieldProblem.Quote(text);
}
