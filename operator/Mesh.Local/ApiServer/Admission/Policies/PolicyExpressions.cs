using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema.Cel;

namespace Mesh.Local.ApiServer.Admission.Policies;

/// <summary>The expressions of a policy: each must be one that can be evaluated, over what is declared at its place.</summary>
internal static partial class PolicyExpressions
{
    private static readonly JsonElement Anything = JsonAccess.ParseElement("{}"u8.ToArray());

    /// <summary>A wrong expression, its place (<c>spec.validations[0].expression</c>) and what is wrong with it.</summary>
    public readonly record struct Wrong(string Place, string Expression, string Problem);

    /// <summary>As any policy would be asked: what kind of object comes is not known.</summary>
    public static IEnumerable<FieldProblem> Problems(JsonObject spec)
    {
        foreach (var (place, expression, problem) in Check(spec, null))
        {
            yield return problem.Length == 0
                ? FieldProblem.Required(place)
                : FieldProblem.Invalid(place, FieldProblem.Quote(expression), problem);
        }

        var index = 0;
        foreach (var variable in Items(spec, "variables"))
        {
            var place = $"spec.variables[{index++}].name";
            if (variable.Text("name") is not { Length: > 0 } name)
                yield return FieldProblem.Required(place, "name is not specified");
            else if (!Identifier().IsMatch(name))
                yield return FieldProblem.Invalid(place, FieldProblem.Quote(name), "name is not a valid CEL identifier");
        }
    }

    /// <param name="spec">The policy's.</param>
    /// <param name="type">The schema of the objects; null where it may be any.</param>
    public static IEnumerable<Wrong> Check(JsonObject spec, JsonElement? type)
    {
        var declared = AdmissionVariables.Declared;
        if (type is not null)
            declared = declared.SetItem("object", type).SetItem("oldObject", type);
        if (spec.Map("paramKind") is not null)
            declared = declared.Add("params", null);
        foreach (var wrong in Each(spec, "matchConditions", "expression", declared, CelTypes.Bool))
            yield return wrong;
        declared = declared.Add("namespaceObject", null);
        var variables = new JsonObject();
        var index = 0;
        foreach (var variable in Items(spec, "variables"))
        {
            foreach (var wrong in One(variable.Text("expression"), $"spec.variables[{index++}].expression", With(spec, declared, variables)))
                yield return wrong;
            if (variable.Text("name") is { Length: > 0 } name)
                variables[name] = TypeOf(variable.Text("expression"), With(spec, declared, variables));
        }

        declared = With(spec, declared, variables);
        foreach (var wrong in Each(spec, "validations", "expression", declared, CelTypes.Bool).Concat(Messages(spec, declared)).Concat(Each(spec, "auditAnnotations", "valueExpression", declared)))
            yield return wrong;
    }

    private static IEnumerable<Wrong> Messages(JsonObject spec, ImmutableDictionary<string, JsonElement?> declared)
    {
        var index = -1;
        foreach (var validation in Items(spec, "validations"))
        {
            index++;
            if (validation.Text("messageExpression") is not { } expression)
                continue;
            foreach (var wrong in One(expression, $"spec.validations[{index}].messageExpression", declared, CelTypes.Text))
                yield return wrong;
        }
    }

    private static IEnumerable<Wrong> Each(JsonObject spec, string list, string field, ImmutableDictionary<string, JsonElement?> declared, string? type = null)
    {
        var index = 0;
        foreach (var item in Items(spec, list))
        {
            foreach (var wrong in One(item.Text(field), $"spec.{list}[{index++}].{field}", declared, type))
                yield return wrong;
        }
    }

    private static IEnumerable<Wrong> One(string? expression, string place, ImmutableDictionary<string, JsonElement?> declared, string? type = null)
    {
        if (expression is null || expression.AsSpan().Trim().IsEmpty)
            yield return new Wrong(place, "", "");
        else if (CelCheck.Problem(expression, declared) is { } problem)
            yield return new Wrong(place, expression, "compilation failed: " + problem);
        else if (type is not null && CelTypes.Of(CelParser.Known(expression), declared) != type)
            yield return new Wrong(place, expression, "must evaluate to " + type);
    }

    /// <summary>A policy without variables of its own has not even their name.</summary>
    private static ImmutableDictionary<string, JsonElement?> With(JsonObject spec, ImmutableDictionary<string, JsonElement?> declared, JsonObject variables) =>
        spec.List("variables") is not { Count: > 0 } ? declared : declared.SetItem("variables", new JsonObject { ["type"] = "object", ["properties"] = variables.DeepClone() }.ToElement());

    private static JsonNode TypeOf(string? expression, ImmutableDictionary<string, JsonElement?> declared)
    {
        if (expression is null || CelCheck.Problem(expression, declared) is not null)
            return new JsonObject();
        var node = CelParser.Known(expression);
        if (CelTypes.SchemaName(CelTypes.Of(node, declared)) is { } name)
            return new JsonObject { ["type"] = name };
        return (CelTypes.SchemaOf(node, declared) ?? Anything).ToNode();
    }

    private static IEnumerable<JsonObject> Items(JsonObject spec, string list) => spec.List(list)?.OfType<JsonObject>() ?? [];

    [GeneratedRegex("^(?!(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$)[_a-zA-Z][_a-zA-Z0-9]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
