using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;

namespace Mesh.Local.ApiServer.Patching;

/// <summary>A patch of one of the four kinds, read once and applied as often as the object changes under it.</summary>
internal sealed class ObjectPatch
{
    private readonly ApiRequest request;
    private readonly string mediaType;
    private readonly JsonNode patch;

    private ObjectPatch(ApiRequest request, string mediaType, JsonNode patch)
    {
        this.request = request;
        this.mediaType = mediaType;
        this.patch = patch;
    }

    public bool IsApply => mediaType == "application/apply-patch+yaml";

    public JsonObject Document => (JsonObject)patch;

    public static ObjectPatch Read(ApiRequest request, byte[] bytes)
    {
        var mediaType = RequestBody.MediaType(request);
        var accepted = mediaType is "application/json-patch+json" or "application/merge-patch+json" or "application/apply-patch+yaml"
            || (mediaType == "application/strategic-merge-patch+json" && !request.Resource.IsCustom);
        if (!accepted)
        {
            throw StatusException.UnsupportedMediaType(request.Resource.IsCustom
                ? "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
                : "415: Unsupported Media Type");
        }

        if (mediaType == "application/apply-patch+yaml")
            return new ObjectPatch(request, mediaType, RequestBody.Parse(request, bytes, yaml: true));
        try
        {
            var node = JsonNode.Parse(bytes, null, new JsonDocumentOptions { MaxDepth = 512 });
            var fits = mediaType == "application/json-patch+json" ? node is JsonArray : node is JsonObject;
            return fits
                ? new ObjectPatch(request, mediaType, node!)
                : throw StatusException.BadRequest("error decoding patch: the document is not of the kind this patch needs");
        }
        catch (JsonException problem)
        {
            throw StatusException.BadRequest("error decoding patch: " + problem.Message);
        }
    }

    public JsonObject Apply(JsonObject item) => mediaType switch
    {
        "application/json-patch+json" => JsonPatch.Apply(item, (JsonArray)patch, static _ => new StatusException(
            422, "Invalid", "the server rejected our request due to an error in our request", [])),
        "application/merge-patch+json" => (JsonObject)MergePatch.Apply(item, patch)!,
        _ => StrategicMergePatch.Apply(item, (JsonObject)patch, request.Version.Schema!),
    };
}
