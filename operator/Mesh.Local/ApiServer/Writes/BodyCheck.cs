using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Schema;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>
/// Decoding as Kubernetes does it: the document is of the kind and version of its path, every field is known (unknown ones
/// are refused, warned about or dropped, as the request says) and of the type the kind gives it.
/// </summary>
internal static class BodyCheck
{
    private const string Scheme = "pkg/api/legacyscheme/scheme.go:30";

    /// <exception cref="DecodingException">The document is not of the kind, or not of any.</exception>
    public static void Decode(WriteRequest write, JsonObject body)
    {
        var unknown = new List<string>();
        var kind = TypeText(write, body, "kind");
        var apiVersion = TypeText(write, body, "apiVersion");
        if (write.Resource.IsCustom)
            Custom(write, body, kind, apiVersion, unknown);
        else
            BuiltIn(write, body, kind, apiVersion, unknown);
        body["apiVersion"] = write.ApiVersion;
        body["kind"] = write.Resource.Kind;
        Report(write, unknown);
    }

    private static string TypeText(WriteRequest write, JsonObject body, string name)
    {
        var value = body.At(name);
        if (value is null || value.GetValueKind() == JsonValueKind.String)
            return value?.GetValue<string>() ?? "";
        throw Unrecognized(write, $"couldn't get version/kind; json parse error: json: cannot unmarshal {GoDecoding.GoKind(value.GetValueKind())} into Go struct field .{name} of type string");
    }

    private static StatusException Unrecognized(WriteRequest write, string problem) => StatusException.BadRequest(
        $"the object provided is unrecognized (must be of type {write.Resource.Kind}): {problem} ({RequestDocument.Summary(write.Sent.Span)})");

    private static void Report(WriteRequest write, List<string> unknown)
    {
        var texts = write.Repeated.Concat(unknown.Select(path => $"unknown field \"{path}\"")).ToList();
        if (texts.Count > 0 && write.FieldValidation == "Strict")
            throw Refused(write, write.Resource.Kind, write.ApiVersion, "strict decoding error: " + string.Join(", ", texts));
        if (write.FieldValidation == "Warn")
            texts.ForEach(write.Warn);
    }

    private static void BuiltIn(WriteRequest write, JsonObject body, string kind, string apiVersion, List<string> unknown)
    {
        kind = kind.Length == 0 ? write.Resource.Kind : kind;
        apiVersion = apiVersion.Length == 0 ? write.ApiVersion : apiVersion;
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion[..apiVersion.IndexOf('/', StringComparison.Ordinal)] : "";
        var named = write.Catalog.FindKind(group, kind);
        if (named is null || named.IsCustom || !named.Versions.Any(version => named.ApiVersionOf(version.Name) == apiVersion))
            throw Refused(write, kind, apiVersion, $"no kind \"{kind}\" is registered for version \"{apiVersion}\" in scheme \"{Scheme}\"");
        var schema = kind == write.Resource.Kind ? write.Version.Schema : named.Versions[0].Schema;
        try
        {
            if (schema is not null)
                GoDecoding.Decode(body, schema, unknown);
        }
        catch (DecodingException problem)
        {
            throw Refused(write, kind, apiVersion, problem.Message);
        }

        if (kind != write.Resource.Kind)
        {
            throw Refused(write, kind, apiVersion,
                $"converting ({VersionOf(apiVersion)}.{kind}) to ({Internal(write.Resource)}.{write.Resource.Kind}): unknown conversion");
        }

        if (apiVersion != write.ApiVersion)
        {
            throw StatusException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({write.ApiVersion})");
        }
    }

    /// <summary>The Go package of a group's internal types: the group's first part.</summary>
    private static string Internal(ApiResource resource) => resource.Group.Length == 0 ? "core" : resource.Group.Split('.')[0];

    /// <summary>
    /// Custom kinds: only the metadata has a Go type, the rest is pruned as the schema says; what has no place for null loses
    /// its nulls. Values are checked later.
    /// </summary>
    private static void Custom(WriteRequest write, JsonObject body, string kind, string apiVersion, List<string> unknown)
    {
        if (kind.Length == 0)
            throw Unrecognized(write, $"Object 'Kind' is missing in '{Encoding.UTF8.GetString(write.Sent.Span)}'");
        if (apiVersion != write.ApiVersion)
        {
            throw StatusException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({write.ApiVersion})");
        }

        if (kind != write.Resource.Kind)
        {
            throw StatusException.Invalid(write.Resource with { Kind = kind }, body.Text("metadata", "name") ?? "",
                [FieldProblem.Invalid("kind", FieldProblem.Quote(kind), "must be " + write.Resource.Kind)]);
        }

        Metadata(write, body, unknown);
        if (write.Version.Schema is not { } schema)
            return;
        var pruned = new List<string>();
        try
        {
            CustomShape.Coerce(body, schema, pruned);
        }
        catch (DecodingException problem)
        {
            throw Refused(write, kind, apiVersion, problem.Message);
        }

        unknown.AddRange(pruned.Order(StringComparer.Ordinal));
    }

    private static void Metadata(WriteRequest write, JsonObject body, List<string> unknown)
    {
        switch (body.At("metadata"))
        {
            case null:
                body["metadata"] = new JsonObject();
                break;
            case JsonObject metadata:
                try
                {
                    GoDecoding.Decode(metadata, BuiltInSchemas.Metadata, unknown);
                }
                catch (DecodingException problem)
                {
                    throw Refused(write, write.Resource.Kind, write.ApiVersion, problem.Message);
                }

                for (var i = 0; i < unknown.Count; i++)
                    unknown[i] = "metadata." + unknown[i];
                break;
            case var other:
                throw Refused(write, write.Resource.Kind, write.ApiVersion,
                    $"json: cannot unmarshal {GoDecoding.GoKind(other.GetValueKind())} into Go value of type v1.ObjectMeta");
        }
    }

    /// <summary>A document that came whole is refused as a bad request; of a patched one the client is shown what came out.</summary>
    private static Exception Refused(WriteRequest write, string kind, string apiVersion, string problem) => write.IsPatch
        ? new DecodingException(problem)
        : StatusException.BadRequest($"{kind} in version \"{VersionOf(apiVersion)}\" cannot be handled as a {write.Resource.Kind}: {problem}");

    private static string VersionOf(string apiVersion) => apiVersion.Split('/')[^1];
}
