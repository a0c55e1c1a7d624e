using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>What a schema asks of one value by itself: its type, its range, its length, its form.</summary>
internal static class ScalarRules
{
    /// <summary>What to say of a value of the wrong type; null where it has the right one.</summary>
    public static string? TypeProblem(JsonElement schema, JsonElement value, string path)
    {
        if (HasType(schema, value))
            return null;
        var (type, found) = (TypesOf(schema), TypeOf(value));
        // Of numbers that do not fit, the formats are told and not the types.
        if (found == "number" && type == "integer" && schema.Text("format") is { } format)
            (type, found) = (format, "float64");
        return $"Invalid value: {Quoted(found)}: {path} in body must be of type {type}: {Quoted(found)}";
    }

    public static void Enumeration(List<FieldProblem> problems, JsonElement schema, JsonElement value, string field)
    {
        if (schema.At("enum") is not { ValueKind: JsonValueKind.Array } allowed)
            return;
        if (allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            return;
        var shown = value.ValueKind == JsonValueKind.Object ? "{}" : value.GetRawText();
        problems.Add(FieldProblem.NotSupported(field, shown, allowed.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String ? one.GetString()! : one.GetRawText())));
    }

    /// <summary>Only the first of length and form is told.</summary>
    public static void Text(List<FieldProblem> problems, JsonElement schema, string value, string field, string path)
    {
        var length = value.EnumerateRunes().Count();
        if (schema.Integer("maxLength") is { } most && length > most)
            problems.Add(FieldProblem.TooLong(field, most));
        else if (schema.Integer("minLength") is { } least && length < least)
            problems.Add(FieldProblem.Invalid(field, Quoted(value), $"{path} in body should be at least {least} chars long"));
        else if (schema.Text("pattern") is { } pattern && !Patterns.Matches(pattern, value))
            problems.Add(FieldProblem.Invalid(field, Quoted(value), $"{path} in body should match '{pattern}'"));
        if (schema.Text("format") is { } format && !Formats.Accepts(format, value))
            problems.Add(FieldProblem.WrongType(field, Quoted(value), $"{path} in body must be of type {format}: {Quoted(value)}"));
    }

    public static void Number(List<FieldProblem> problems, JsonElement schema, JsonElement value, string field, string path)
    {
        if (Whole(problems, schema, value, path))
            return;
        var text = value.GetRawText();
        var number = value.GetDouble();
        if (schema.At("multipleOf") is { } factor && Math.Abs(Math.IEEERemainder(number, factor.GetDouble())) > 1e-9)
            problems.Add(FieldProblem.Invalid(field, text, $"{path} in body should be a multiple of {factor.GetRawText()}"));
        if (schema.At("maximum") is { } most && (number > most.GetDouble() || (schema.Flag("exclusiveMaximum") && number.Equals(most.GetDouble()))))
            problems.Add(FieldProblem.Invalid(field, text, $"{path} in body should be less than {(schema.Flag("exclusiveMaximum") ? "" : "or equal to ")}{most.GetRawText()}"));
        if (schema.At("minimum") is { } least && (number < least.GetDouble() || (schema.Flag("exclusiveMinimum") && number.Equals(least.GetDouble()))))
            problems.Add(FieldProblem.Invalid(field, text, $"{path} in body should be greater than {(schema.Flag("exclusiveMinimum") ? "" : "or equal to ")}{least.GetRawText()}"));
    }

    /// <summary>Whether an integer is none, or does not fit its format; told of no field, as Kubernetes does.</summary>
    public static bool Whole(List<FieldProblem> problems, JsonElement schema, JsonElement value, string path)
    {
        if (schema.Text("type") != "integer" || value.ValueKind != JsonValueKind.Number)
            return false;
        var format = schema.Text("format");
        if (IsWhole(value) && (format is null || Formats.InRange(format, value.GetDouble())))
            return false;
        problems.Add(FieldProblem.Invalid("<nil>", "\"\"",
            $"Checked value must be of type integer {(format is null ? "(default format)" : "with format " + format)} in {path}"));
        return true;
    }

    public static string Shown(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? Quoted(TypeOf(value)) : value.GetRawText();

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

    private static string TypesOf(JsonElement schema) =>
        schema.Flag("x-kubernetes-int-or-string") ? "integer,string" : schema.Text("type") ?? "";

    /// <summary>Numbers have their canonical form here: what is beyond 64 bits is no integer any more.</summary>
    private static bool IsWhole(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _);

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => IsWhole(value) ? "integer" : "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };

    private static string Quoted(string text) => FieldProblem.Quote(text);
}
