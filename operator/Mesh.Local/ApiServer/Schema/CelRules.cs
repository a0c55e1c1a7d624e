using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// The rules a schema gives in CEL (<c>x-kubernetes-validations</c>), each with <c>self</c> the value it stands on. A rule
/// that names <c>oldSelf</c> is about a change and holds where there is nothing to compare with.
/// </summary>
internal static class CelRules
{
    /// <param name="within">Where the item stands, when it is only a part of the object.</param>
    public static void Add(List<FieldProblem> problems, JsonElement schema, JsonElement item, JsonElement? before, string within) =>
        Walk(problems, schema, item, before, within);

    /// <summary>What keeps the rules of a schema from being held, each with its place in the definition.</summary>
    public static IEnumerable<FieldProblem> Problems(JsonElement schema, string path)
    {
        var index = 0;
        foreach (var rule in schema.Items("x-kubernetes-validations"))
        {
            var place = $"{path}.x-kubernetes-validations[{index++}]";
            foreach (var name in (string[])["rule", "messageExpression"])
            {
                if (rule.Text(name) is { } text && CelCheck.Problem(text, schema, "self", "oldSelf") is { } problem)
                    yield return FieldProblem.Invalid($"{place}.{name}", Shown(rule), "compilation failed: " + problem);
            }
        }

        var inner = schema.Properties("properties").Select(property => ($"{path}.properties[{property.Name}]", property.Value))
            .Concat(((string[])["items", "additionalProperties"]).Where(name => schema.At(name) is { ValueKind: JsonValueKind.Object })
                .Select(name => ($"{path}.{name}", schema.At(name)!.Value)));
        foreach (var (place, part) in inner)
        {
            foreach (var problem in Problems(part, place))
                yield return problem;
        }
    }

    /// <summary>A rule as Go prints its type.</summary>
    private static string Shown(JsonElement rule) =>
        $$"""{"Rule":{{Text(rule, "rule")}},"Message":{{Text(rule, "message")}},"MessageExpression":{{Text(rule, "messageExpression")}},"Reason":{{(rule.Text("reason") is null ? "null" : Text(rule, "reason"))}},"FieldPath":{{Text(rule, "fieldPath")}},"OptionalOldSelf":{{rule.At("optionalOldSelf")?.GetRawText() ?? "null"}}}""";

    private static string Text(JsonElement rule, string name) => FieldProblem.Quote(rule.Text(name) ?? "");

    private static void Walk(List<FieldProblem> problems, JsonElement schema, JsonElement value, JsonElement? before, string path)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return;
        foreach (var rule in schema.Items("x-kubernetes-validations"))
            Check(problems, schema, rule, value, before, path);
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                if ((schema.At("properties", property.Name) ?? schema.At("additionalProperties")) is { ValueKind: JsonValueKind.Object } inner)
                    Walk(problems, inner, property.Value, before?.At(property.Name), path.Length == 0 ? property.Name : $"{path}.{property.Name}");
            }
        }
        else if (value.ValueKind == JsonValueKind.Array && schema.At("items") is { } items)
        {
            var index = 0;
            foreach (var element in value.EnumerateArray())
                Walk(problems, items, element, Former(schema, element, before), $"{path}[{index++}]");
        }
    }

    // Elements of a list are the same over time only where keys say so.
    public static JsonElement? Former(JsonElement schema, JsonElement element, JsonElement? before)
    {
        if (before is not { ValueKind: JsonValueKind.Array } list || schema.Text("x-kubernetes-list-type") != "map")
            return null;
        var keys = schema.Items("x-kubernetes-list-map-keys").Select(key => key.GetString()!).ToList();
        foreach (var former in list.EnumerateArray())
        {
            if (keys.All(key => former.At(key)?.GetRawText() == element.At(key)?.GetRawText()))
                return former;
        }

        return null;
    }

    private static void Check(List<FieldProblem> problems, JsonElement schema, JsonElement rule, JsonElement value, JsonElement? before, string path)
    {
        var text = rule.Text("rule") ?? "";
        var at = path + rule.Text("fieldPath");
        at = path.Length == 0 ? at.TrimStart('.') : at;
        var variables = new Dictionary<string, object?> { ["self"] = CelValues.From(value, schema) };
        try
        {
            var expression = CelParser.Known(text);
            // What did not change is not held against a change, but for rules about changes.
            if (!expression.Names("oldSelf") && before is { } same && JsonElement.DeepEquals(same, value))
                return;
            if (expression.Names("oldSelf"))
            {
                if (before is not { } former)
                    return;
                variables["oldSelf"] = CelValues.From(former, schema);
            }

            if (CelEvaluation.Of(expression, variables) is not true)
                problems.Add(Problem(at, rule, value, Message(rule, text, variables)));
        }
        catch (CelError e)
        {
            problems.Add(Problem(at, rule, value, $"{e.Message} evaluating rule: {rule.Text("message") ?? text}"));
        }
    }

    private static string Message(JsonElement rule, string text, Dictionary<string, object?> variables)
    {
        if (rule.Text("messageExpression") is { } expression)
        {
            try
            {
                if (CelEvaluation.Of(CelParser.Known(expression), variables) is string { Length: > 0 } message)
                    return message;
            }
            catch (CelError)
            {
                // A message that has no value gives way to the fixed one, as Kubernetes does it.
            }
        }

        return rule.Text("message") ?? $"failed rule: {text}";
    }

    private static FieldProblem Problem(string path, JsonElement rule, JsonElement value, string message)
    {
        var shown = value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? "" : value.GetRawText() + ": ";
        return rule.Text("reason") switch
        {
            "FieldValueForbidden" => FieldProblem.Forbidden(path, message),
            "FieldValueRequired" => FieldProblem.Required(path, message),
            "FieldValueDuplicate" => FieldProblem.Duplicate(path, shown.Length == 0 ? message : value.GetRawText()),
            _ => new FieldProblem(path, "FieldValueInvalid", $"Invalid value: {shown}{message}"),
        };
    }
}
