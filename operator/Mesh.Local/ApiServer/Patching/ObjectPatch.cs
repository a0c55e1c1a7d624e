using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Schema;
using YamlDotNet.Core;

namespace Mesh.Local.ApiServer.Patching;

/// <summary>A patch of one of the four kinds, read once and applied as often as the object changes under it.</summary>
internal sealed class ObjectPatch
{
    private const string Json = "application/json-patch+json";
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string ServerSideApply = "application/apply-patch+yaml";
    private readonly ApiRequest request;
    private readonly string mediaType;
    private readonly JsonNode patch;

    private ObjectPatch(ApiRequest request, string mediaType, JsonNode patch, IReadOnlyList<string> repeated)
    {
        this.request = request;
        this.mediaType = mediaType;
        this.patch = patch;
        Repeated = repeated;
    }

    public bool IsApply => mediaType == ServerSideApply;

    public JsonObject Document => (JsonObject)patch;

    /// <summary>What the patch says twice, as the client is told it.</summary>
    public IReadOnlyList<string> Repeated { get; }

    public static ObjectPatch Read(ApiRequest request, byte[] bytes)
    {
        var mediaType = RequestBody.MediaType(request);
        if (mediaType is not (Json or Merge or ServerSideApply) && (mediaType != Strategic || request.Resource.IsCustom))
        {
            throw request.Resource.IsCustom
                ? StatusException.UnsupportedMediaType(
                    $"the body of the request was in an unknown format - accepted media types include: {Json}, {Merge}, {ServerSideApply}")
                : StatusException.UnsupportedPatch();
        }

        if (mediaType != ServerSideApply && request.QueryFlag("force"))
            throw RequestOptions.Invalid("PatchOptions", FieldProblem.Forbidden("force", "may not be specified for non-apply patch"));
        return mediaType == ServerSideApply ? ReadApplied(request, bytes) : ReadJson(request, mediaType, bytes);
    }

    public JsonObject Apply(JsonObject item) => mediaType switch
    {
        Json => JsonPatch.Apply(item, (JsonArray)patch, static _ => new StatusException(
            422, "Invalid", "the server rejected our request due to an error in our request", [])),
        Merge => (JsonObject)MergePatch.Apply(item, patch)!,
        _ => StrategicMergePatch.Apply(item, (JsonObject)patch, request.Version.Schema!),
    };

    /// <summary>What is shown of a patch whose outcome cannot be kept: the outcome, or of a strategic one the patch.</summary>
    public string Describe(JsonObject item) =>
        mediaType == Strategic ? GoText.Of(patch) : GoText.Json(Apply(item), request.Resource.IsCustom);

    private static ObjectPatch ReadJson(ApiRequest request, string mediaType, byte[] bytes)
    {
        // A strategic patch is told from its decoder's words alone.
        var prefix = mediaType == Strategic ? "" : "error decoding patch: ";
        try
        {
            var repeated = new List<string>();
            JsonNode node = JsonText.Parse(bytes, repeated) ?? (mediaType == Json ? new JsonArray() : new JsonObject());
            var wrong = mediaType == Json ? WrongOperations(node) : node is JsonObject ? null : Wrong(node, "map[string]interface {}");
            if (wrong is not null)
                throw StatusException.BadRequest(prefix + wrong);
            return new ObjectPatch(request, mediaType, node, [.. repeated.Select(path => $"duplicate field \"{path}\"")]);
        }
        catch (JsonException problem)
        {
            throw StatusException.BadRequest(prefix + problem.Message);
        }
    }

    private static string? WrongOperations(JsonNode node)
    {
        if (node is not JsonArray operations)
            return Wrong(node, "[]handlers.jsonPatchOp");
        return operations.FirstOrDefault(one => one is not (null or JsonObject)) is { } other ? Wrong(other, "handlers.jsonPatchOp") : null;
    }

    private static string Wrong(JsonNode node, string type) =>
        $"json: cannot unmarshal {GoDecoding.GoKind(node.GetValueKind())} into Go value of type {type}";

    private static ObjectPatch ReadApplied(ApiRequest request, byte[] bytes)
    {
        var repeated = new List<string>();
        try
        {
            var node = ParseApplied(bytes, repeated);
            if (node is not (null or JsonObject))
                throw StatusException.BadRequest("error decoding YAML: error unmarshaling JSON: while decoding JSON: " + Wrong(node, "map[string]interface {}"));
            if (repeated.Count > 0 && request.FieldValidation == "Strict")
                throw StatusException.BadRequest("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  " + string.Join("\n  ", repeated));
            return new ObjectPatch(request, ServerSideApply, node ?? new JsonObject(), repeated);
        }
        catch (YamlException problem)
        {
            throw StatusException.BadRequest("error decoding YAML: error converting YAML to JSON: " + YamlReader.Describe(problem));
        }
    }

    /// <summary>Clients send JSON, which is YAML too, and read much faster as what it is.</summary>
    private static JsonNode? ParseApplied(byte[] bytes, List<string> repeated)
    {
        if (bytes.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
        {
            try
            {
                var twice = new List<string>();
                var node = JsonText.Parse(bytes, twice);
                if (twice.Count == 0)
                    return node;
            }
            catch (JsonException)
            {
                // Not JSON; perhaps YAML in braces. The reader of that has the last word.
            }
        }

        return YamlReader.Read(Encoding.UTF8.GetString(bytes), repeated);
    }
}
