using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Protobuf;
using YamlDotNet.Core;

namespace Mesh.Local.ApiServer.Http;

/// <summary>Reads a request's document, JSON, YAML or protobuf, within the size a cluster takes.</summary>
internal static class RequestBody
{
    public const int Limit = 3 * 1024 * 1024;
    private const string TypeOnly = "struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }";

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

    /// <summary>A document of which only the fields count that its reader knows; what is repeated in it is warned of.</summary>
    public static async Task<JsonObject> ReadObjectAsync(ApiRequest request)
    {
        var document = await ReadDocumentAsync(request);
        foreach (var text in document.Repeated)
            request.Warn(text);
        return document.Body;
    }

    public static async Task<RequestDocument> ReadDocumentAsync(ApiRequest request)
    {
        var bytes = await ReadAsync(request);
        return MediaType(request) switch
        {
            "application/json" or "" => Parse(request, bytes, yaml: false),
            "application/yaml" => Parse(request, bytes, yaml: true),
            ProtobufBody.MediaType when !request.Resource.IsCustom => new RequestDocument(ProtobufBody.Read(bytes), bytes),
            _ => throw StatusException.UnsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml"
                + (request.Resource.IsCustom ? "" : ", " + ProtobufBody.MediaType)),
        };
    }

    /// <summary>DeleteOptions, which may be missing; of whatever type the client chose.</summary>
    public static async Task<JsonObject?> ReadOptionalAsync(ApiRequest request)
    {
        var bytes = await ReadAsync(request);
        if (bytes.Length == 0)
            return null;
        var mediaType = MediaType(request);
        if (mediaType == ProtobufBody.MediaType)
            return ProtobufBody.Read(bytes);
        try
        {
            return Object(bytes, mediaType.EndsWith("yaml", StringComparison.Ordinal), []);
        }
        catch (Exception problem) when (problem is JsonException or YamlException)
        {
            throw StatusException.BadRequest(Describe(problem));
        }
    }

    public static string MediaType(ApiRequest request) => (request.Context.Request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    private static RequestDocument Parse(ApiRequest request, byte[] bytes, bool yaml)
    {
        try
        {
            var repeated = new List<string>();
            return new RequestDocument(Object(bytes, yaml, repeated), bytes)
            {
                Repeated = yaml ? repeated : [.. repeated.Select(path => $"duplicate field \"{path}\"")],
            };
        }
        catch (Exception problem) when (problem is JsonException or YamlException)
        {
            throw StatusException.BadRequest(
                $"the object provided is unrecognized (must be of type {request.Resource.Kind}): {Describe(problem)} ({RequestDocument.Summary(bytes)})");
        }
    }

    private static JsonObject Object(byte[] bytes, bool yaml, List<string> repeated)
    {
        var node = yaml ? YamlReader.Read(Encoding.UTF8.GetString(bytes), repeated) : JsonText.Parse(bytes, repeated);
        return node switch
        {
            JsonObject body => body,
            null => [],
            _ => throw new JsonException($"json: cannot unmarshal {Schema.GoDecoding.GoKind(node.GetValueKind())} into Go value of type {TypeOnly}"),
        };
    }

    private static string Describe(Exception problem) => problem is YamlException yaml
        ? "error converting YAML to JSON: " + YamlReader.Describe(yaml)
        : "couldn't get version/kind; json parse error: " + problem.Message;
}
