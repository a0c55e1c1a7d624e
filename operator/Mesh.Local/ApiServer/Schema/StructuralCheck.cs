using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>What a definition's schema must be for this server to keep it: structural, with patterns that compile and types that exist.</summary>
internal static class StructuralCheck
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    public static IEnumerable<FieldProblem> Problems(JsonElement schema, string path)
    {
        if (schema.Text("$ref") is not null)
            yield return FieldProblem.Forbidden(path + ".$ref", "$ref is not supported");
        var free = schema.Flag("x-kubernetes-int-or-string") || schema.Flag("x-kubernetes-preserve-unknown-fields");
        if (schema.Text("type") is not { } type)
        {
            if (!free)
                yield return FieldProblem.Required(path + ".type", "must not be empty for specified object fields");
        }
        else if (!Types.Contains(type))
        {
            yield return FieldProblem.NotSupported(path + ".type", FieldProblem.Quote(type), Types);
        }

        if (schema.Text("pattern") is { } pattern && PatternProblem(pattern) is { } problem)
            yield return FieldProblem.Invalid(path + ".pattern", FieldProblem.Quote(pattern), "must be a valid regular expression, but isn't: " + problem);
        if (schema.Text("type") == "array" && schema.At("items") is not { ValueKind: JsonValueKind.Object })
            yield return FieldProblem.Required(path + ".items", "must be specified");
        foreach (var inner in Inner(schema, path))
            yield return inner;
    }

    private static IEnumerable<FieldProblem> Inner(JsonElement schema, string path)
    {
        foreach (var property in schema.Properties("properties"))
        {
            if (path.EndsWith("openAPIV3Schema", StringComparison.Ordinal) && property.Name is "metadata" or "apiVersion" or "kind")
                continue;
            foreach (var problem in Problems(property.Value, $"{path}.properties[{property.Name}]"))
                yield return problem;
        }

        foreach (var name in (string[])["items", "additionalProperties"])
        {
            if (schema.At(name) is not { ValueKind: JsonValueKind.Object } part)
                continue;
            foreach (var problem in Problems(part, $"{path}.{name}"))
                yield return problem;
        }
    }

    private static string? PatternProblem(string pattern)
    {
        try
        {
            Patterns.Of(pattern);
            return null;
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            return problem.Message;
        }
    }
}
