using System.Globalization;
using System.Text.Json;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema;

/// <summary>
/// What a definition's schema must be for the server to keep it. Asked in turn, as Kubernetes does, and only as far as the first
/// answer that is not empty: keywords that may stand, types everywhere (structural), defaults that fit.
/// </summary>
internal static class StructuralCheck
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];
    private static readonly string[] ListTypes = ["atomic", "map", "set"];

    public static List<FieldProblem> Problems(JsonElement schema, string path)
    {
        List<FieldProblem> found = [.. Keywords(schema, path)];
        if (found.Count == 0)
            found.AddRange(Untyped(schema, path, root: true));
        if (found.Count == 0)
            found.AddRange(Defaults(schema, path));
        return found;
    }

    private static IEnumerable<FieldProblem> Keywords(JsonElement schema, string path)
    {
        if (schema.Text("$ref") is not null)
            yield return FieldProblem.Forbidden(path + ".$ref", "$ref is not supported");
        if (schema.Text("type") is { Length: > 0 } type && !Types.Contains(type))
            yield return FieldProblem.NotSupported(path + ".type", FieldProblem.Quote(type), Types);
        if (schema.At("properties") is { ValueKind: JsonValueKind.Object } properties && properties.GetPropertyCount() > 0 && schema.At("additionalProperties") is not (null or { ValueKind: JsonValueKind.False }))
            yield return FieldProblem.Forbidden(path + ".additionalProperties", "additionalProperties and properties are mutual exclusive");
        if (schema.Text("pattern") is { } pattern && Patterns.Problem(pattern) is { } problem)
            yield return FieldProblem.Invalid(path + ".pattern", FieldProblem.Quote(pattern), "must be a valid regular expression, but isn't: " + problem);
        if (schema.Text("type") == "array" && schema.At("items") is not { ValueKind: JsonValueKind.Object })
            yield return FieldProblem.Required(path + ".items", "must be specified");
        foreach (var problemOfList in Lists(schema, path))
            yield return problemOfList;
        foreach (var inner in Parts(schema, path).SelectMany(part => Keywords(part.Schema, part.Path)))
            yield return inner;
    }

    private static IEnumerable<FieldProblem> Lists(JsonElement schema, string path)
    {
        if (schema.Text("x-kubernetes-list-type") is not { } type)
            yield break;
        if (!ListTypes.Contains(type))
            yield return FieldProblem.NotSupported(path + ".x-kubernetes-list-type", FieldProblem.Quote(type), ListTypes);
        if (schema.Text("type") != "array")
            yield return FieldProblem.Invalid(path + ".type", FieldProblem.Quote(schema.Text("type") ?? ""), "must be array if x-kubernetes-list-type is specified");
        var keys = schema.Items("x-kubernetes-list-map-keys").Select(key => key.GetString() ?? "").ToList();
        if (type != "map")
        {
            if (keys.Count > 0)
                yield return FieldProblem.Invalid(path + ".x-kubernetes-list-type", FieldProblem.Quote(type), "must be map if x-kubernetes-list-map-keys is non-empty");
            yield break;
        }

        if (keys.Count == 0)
            yield return FieldProblem.Required(path + ".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
        for (var i = 0; i < keys.Count; i++)
        {
            if (schema.At("items", "properties", keys[i]) is not { } field)
                yield return FieldProblem.Invalid($"{path}.x-kubernetes-list-map-keys[{i.ToString(CultureInfo.InvariantCulture)}]", FieldProblem.Quote(keys[i]), "entries must all be names of item properties");
            else if (field.At("default") is null && !schema.Items("items", "required").Any(name => name.GetString() == keys[i]))
                yield return FieldProblem.Required($"{path}.items.properties[{keys[i]}].default", "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
        }
    }

    private static IEnumerable<FieldProblem> Untyped(JsonElement schema, string path, bool root)
    {
        foreach (var inner in Parts(schema, path).Where(part => !root || !part.Path.EndsWith("properties[metadata]", StringComparison.Ordinal))
            .SelectMany(part => Untyped(part.Schema, part.Path, root: false)))
            yield return inner;
        var type = schema.Text("type") ?? "";
        if (root && type != "object")
        {
            yield return type.Length == 0
                ? FieldProblem.Required(path + ".type", "must not be empty at the root")
                : FieldProblem.Invalid(path + ".type", FieldProblem.Quote(type), "must be object at the root");
        }
        else if (type.Length == 0 && !schema.Flag("x-kubernetes-int-or-string") && !schema.Flag("x-kubernetes-preserve-unknown-fields"))
        {
            yield return FieldProblem.Required(path + ".type", "must not be empty for specified " + (path.EndsWith(".items", StringComparison.Ordinal) ? "array items" : "object fields"));
        }
    }

    private static IEnumerable<FieldProblem> Defaults(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("default", out var given))
        {
            foreach (var problem in SchemaValidation.OfDefault(schema, given, path + ".default"))
                yield return problem;
        }

        foreach (var inner in Parts(schema, path).SelectMany(part => Defaults(part.Schema, part.Path)))
            yield return inner;
    }

    private static IEnumerable<(JsonElement Schema, string Path)> Parts(JsonElement schema, string path)
    {
        foreach (var property in schema.Properties("properties"))
            yield return (property.Value, $"{path}.properties[{property.Name}]");
        foreach (var name in (string[])["items", "additionalProperties"])
        {
            if (schema.At(name) is { ValueKind: JsonValueKind.Object } part)
                yield return (part, $"{path}.{name}");
        }
    }
}
