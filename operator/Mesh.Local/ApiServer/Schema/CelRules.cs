using System.Collections.Concurrent;
using System.Text.Json;
using Mesh.Local.ApiServer.Cel;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// x-kubernetes-validations: each rule is asked of its value, one that speaks of oldSelf only when there is an old value that
/// is certainly the same thing (a field, an item by its key). A definition with a rule that does not compile is refused when
/// it comes (<see cref="Problems"/>).
/// </summary>
internal static class CelRules
{
    private static readonly ConcurrentDictionary<string, CelExpression> Compiled = new(StringComparer.Ordinal);

    public static void Add(List<FieldProblem> problems, JsonElement schema, JsonElement item, JsonElement? before) =>
        Walk(problems, schema, item, before, "");

    /// <summary>What is wrong with the rules of a schema, each with its place in the definition.</summary>
    public static IEnumerable<FieldProblem> Problems(JsonElement schema, string path)
    {
        var index = 0;
        foreach (var rule in schema.Items("x-kubernetes-validations"))
        {
            var place = $"{path}.x-kubernetes-validations[{index++}]";
            foreach (var name in (string[])["rule", "messageExpression"])
            {
                if (rule.Text(name) is { } text && Problem(text) is { } problem)
                    yield return FieldProblem.Invalid($"{place}.{name}", FieldProblem.Quote(text), "compilation failed: " + problem);
            }
        }

        foreach (var property in schema.Properties("properties"))
        {
            foreach (var problem in Problems(property.Value, $"{path}.properties[{property.Name}]"))
                yield return problem;
        }

        foreach (var name in (string[])["items", "additionalProperties"])
        {
            if (schema.At(name) is not { ValueKind: JsonValueKind.Object } inner)
                continue;
            foreach (var problem in Problems(inner, $"{path}.{name}"))
                yield return problem;
        }
    }

    private static void Walk(List<FieldProblem> problems, JsonElement schema, JsonElement value, JsonElement? before, string path)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return;
        foreach (var rule in schema.Items("x-kubernetes-validations"))
            Check(problems, rule, value, before, path);
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                var inner = schema.At("properties", property.Name) ?? schema.At("additionalProperties");
                if (inner is { ValueKind: JsonValueKind.Object } known)
                    Walk(problems, known, property.Value, before?.At(property.Name), path.Length == 0 ? property.Name : path + "." + property.Name);
            }
        }

        if (value.ValueKind != JsonValueKind.Array || schema.At("items") is not { } items)
            return;
        var index = 0;
        foreach (var item in value.EnumerateArray())
            Walk(problems, items, item, Same(schema, item, before), $"{path}[{index++}]");
    }

    private static void Check(List<FieldProblem> problems, JsonElement rule, JsonElement value, JsonElement? before, string path)
    {
        var text = rule.Text("rule") ?? "";
        var expression = Compile(text);
        if (expression.Names.Contains("oldSelf") && before is null)
            return;
        (string, object?)[] variables = [("self", CelValue.FromJson(value)), ("oldSelf", CelValue.FromJson(before))];
        try
        {
            if (expression.IsTrue(variables))
                return;
        }
        catch (CelException failure)
        {
            problems.Add(FieldProblem.Invalid(path, Shown(value), $"rule evaluation error: {failure.Message} ({text})"));
            return;
        }

        problems.Add(Broken(rule, value, path + (rule.Text("fieldPath") ?? ""), Message(rule, text, variables)));
    }

    private static string Message(JsonElement rule, string text, (string, object?)[] variables)
    {
        if (rule.Text("messageExpression") is { } expression)
        {
            try
            {
                if (Compile(expression).Evaluate(variables) is string { Length: > 0 } message)
                    return message;
            }
            catch (CelException)
            {
                // A message that cannot be made is replaced by the plain one, as Kubernetes does.
            }
        }

        return rule.Text("message") ?? "failed rule: " + text;
    }

    private static FieldProblem Broken(JsonElement rule, JsonElement value, string path, string message)
    {
        var place = path.Length == 0 ? "<nil>" : path;
        return rule.Text("reason") switch
        {
            "FieldValueForbidden" => FieldProblem.Forbidden(place, message),
            "FieldValueRequired" => FieldProblem.Required(place, message),
            "FieldValueDuplicate" => FieldProblem.Duplicate(place, Shown(value) + ": " + message),
            _ when value.ValueKind is JsonValueKind.Object or JsonValueKind.Array => new FieldProblem(place, "FieldValueInvalid", "Invalid value: " + message),
            _ => FieldProblem.Invalid(place, Shown(value), message),
        };
    }

    private static JsonElement? Same(JsonElement schema, JsonElement item, JsonElement? before)
    {
        var keys = schema.Items("x-kubernetes-list-map-keys").Select(key => key.GetString()!).ToList();
        if (before is null || keys.Count == 0)
            return null;
        var found = before.Value.Items().FirstOrDefault(old => keys.All(key => old.At(key)?.GetRawText() == item.At(key)?.GetRawText()));
        return found.ValueKind == JsonValueKind.Undefined ? null : found;
    }

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "\"object\"",
        JsonValueKind.Array => "\"array\"",
        _ => value.GetRawText(),
    };

    private static string? Problem(string text)
    {
        try
        {
            Compile(text);
            return null;
        }
        catch (CelException problem)
        {
            return problem.Message;
        }
    }

    private static CelExpression Compile(string text)
    {
        if (Compiled.Count > 4096)
            Compiled.Clear();
        return Compiled.GetOrAdd(text, static text => CelExpression.Compile(text, "self", "oldSelf"));
    }
}
