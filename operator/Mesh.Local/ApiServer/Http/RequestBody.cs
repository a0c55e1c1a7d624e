using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Protobuf;
using YamlDotNet.Core;

namespace Mesh.Local.ApiServer.Http;

/// <summary>Reads a request's document, JSON or YAML, within the size a cluster takes.</summary>
internal static class RequestBody
{
    public const int Limit = 3 * 1024 * 1024;

    public static async Task<byte[]> ReadAsync(ApiRequest request)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Context.Request.Body.ReadAsync(chunk, request.Cancellation)) > 0)
        {
            if (buffer.Length + read > Limit)
                throw new StatusException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Limit}");
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    public static async Task<JsonObject> ReadObjectAsync(ApiRequest request)
    {
        var bytes = await ReadAsync(request);
        var mediaType = MediaType(request);
        if (mediaType == ProtobufBody.MediaType && !request.Resource.IsCustom)
            return ProtobufBody.Read(bytes);
        if (mediaType is not ("application/json" or "application/yaml" or "" or "application/apply-patch+yaml"))
        {
            throw StatusException.UnsupportedMediaType(
                $"the body of the request was in an unknown format - accepted media types include: application/json, application/yaml");
        }

        return Parse(request, bytes, mediaType.EndsWith("yaml", StringComparison.Ordinal));
    }

    /// <summary>A body that may be missing; of whatever type the client chose.</summary>
    public static async Task<JsonObject?> ReadOptionalAsync(ApiRequest request)
    {
        var bytes = await ReadAsync(request);
        if (bytes.Length == 0)
            return null;
        var mediaType = MediaType(request);
        return mediaType == ProtobufBody.MediaType
            ? ProtobufBody.Read(bytes)
            : Parse(request, bytes, mediaType.EndsWith("yaml", StringComparison.Ordinal));
    }

    public static string MediaType(ApiRequest request) => (request.Context.Request.ContentType ?? "").Split(';')[0].Trim();

    public static JsonObject Parse(ApiRequest request, byte[] bytes, bool yaml)
    {
        try
        {
            var text = Encoding.UTF8.GetString(bytes);
            var node = yaml ? YamlText.Parse(text) : JsonNode.Parse(Deduplicate(request, bytes), null, new JsonDocumentOptions { MaxDepth = 512 });
            return node as JsonObject ?? throw Unrecognized(request, "json: cannot unmarshal value into Go value of type struct");
        }
        catch (JsonException problem)
        {
            throw Unrecognized(request, problem.Message);
        }
        catch (YamlException problem)
        {
            throw StatusException.BadRequest("error parsing YAML: " + problem.Message);
        }
    }

    /// <summary>A document with a key given twice: the last one counts, and the client is told as it asked to be.</summary>
    private static byte[] Deduplicate(ApiRequest request, byte[] bytes)
    {
        var repeated = new List<string>();
        var cleaned = DuplicateKeys.Remove(bytes, repeated);
        if (repeated.Count == 0)
            return bytes;
        var texts = repeated.Select(path => $"duplicate field \"{path}\"").ToList();
        if (request.FieldValidation == "Strict")
        {
            throw StatusException.BadRequest(
                $"{request.Resource.Kind} in version \"{request.Version.Name}\" cannot be handled as a {request.Resource.Kind}: strict decoding error: {string.Join(", ", texts)}");
        }

        if (request.FieldValidation == "Warn")
            texts.ForEach(request.Warn);
        return cleaned;
    }

    private static StatusException Unrecognized(ApiRequest request, string problem) => StatusException.BadRequest(
        $"the object provided is unrecognized (must be of type {request.Resource.Kind}): couldn't get version/kind; json parse error: {problem}");
}
