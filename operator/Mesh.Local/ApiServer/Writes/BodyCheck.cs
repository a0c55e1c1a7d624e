using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>
/// Decoding as Kubernetes does it: the document is of the kind and version of its path, every field is known (unknown ones
/// are refused, warned about or dropped, as the request says) and of the type the kind gives it.
/// </summary>
internal static class BodyCheck
{
    public static void Type(WriteRequest write, JsonObject body)
    {
        var apiVersion = body.Text("apiVersion");
        var kind = body.Text("kind");
        if (write.Resource.IsCustom)
            CustomType(write, apiVersion, kind);
        else
            BuiltInType(write, apiVersion, kind);
        body["apiVersion"] = write.ApiVersion;
        body["kind"] = write.Resource.Kind;
    }

    /// <summary>
    /// Built-in kinds: unknown fields go, whatever the level; wrong types refuse. Custom kinds: their own schema prunes and
    /// validates later, here only the strictness is decided.
    /// </summary>
    public static void Fields(WriteRequest write, JsonObject body)
    {
        var schema = write.Version.Schema;
        if (schema is null)
            return;
        var unknown = new List<string>();
        // Metadata is the same type everywhere; its unknown fields are found with the others, below.
        if (write.Resource.IsCustom && body["metadata"] is JsonObject metadata)
            StrictDecoding.Types(write, metadata, BuiltInSchemas.Metadata, "metadata");
        if (!write.Resource.IsCustom)
            StrictDecoding.Decode(write, body, schema, unknown);
        else if (write.FieldValidation != "Ignore")
            SchemaPruning.Unknown(body, schema, unknown);
        Report(write, unknown);
    }

    private static void Report(WriteRequest write, List<string> unknown)
    {
        if (unknown.Count == 0)
            return;
        var texts = unknown.Select(path => $"unknown field \"{path}\"").ToList();
        if (write.FieldValidation == "Strict")
        {
            throw StatusException.BadRequest(
                $"{write.Resource.Kind} in version \"{write.Version.Name}\" cannot be handled as a {write.Resource.Kind}: strict decoding error: {string.Join(", ", texts)}");
        }

        if (write.FieldValidation == "Warn")
            texts.ForEach(write.Warn);
    }

    private static void BuiltInType(WriteRequest write, string? apiVersion, string? kind)
    {
        if (string.IsNullOrEmpty(kind) && string.IsNullOrEmpty(apiVersion))
            return;
        if (kind is { Length: > 0 } && kind != write.Resource.Kind)
        {
            throw StatusException.BadRequest(
                $"{kind} in version \"{Version(apiVersion)}\" cannot be handled as a {write.Resource.Kind}: converting ({apiVersion}.{kind}) to ({write.ApiVersion}.{write.Resource.Kind}): unknown conversion");
        }

        if (apiVersion is { Length: > 0 } && apiVersion != write.ApiVersion)
        {
            throw StatusException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({write.ApiVersion})");
        }
    }

    private static void CustomType(WriteRequest write, string? apiVersion, string? kind)
    {
        if (string.IsNullOrEmpty(kind))
            throw StatusException.BadRequest($"Object 'Kind' is missing in the request body");
        if (apiVersion != write.ApiVersion)
        {
            throw StatusException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({write.ApiVersion})");
        }

        if (kind == write.Resource.Kind)
            return;
        throw StatusException.Invalid(write.Resource with { Kind = kind }, write.Name,
            [FieldProblem.Invalid("kind", FieldProblem.Quote(kind), "must be " + write.Resource.Kind)]);
    }

    private static string Version(string? apiVersion) => apiVersion?.Split('/')[^1] ?? "";
}
