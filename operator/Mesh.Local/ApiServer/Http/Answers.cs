using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Protobuf;
using Mesh.Local.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>Writes answers: stored documents go out as the bytes they rest in, only the version's name is put in place.</summary>
internal static class Answers
{
    public static async Task WriteAsync(HttpContext context, int status, JsonNode body, string mediaType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType;
        var bytes = body.ToBytes();
        context.Response.ContentLength = bytes.Length + 1;
        await context.Response.Body.WriteAsync(bytes.Append((byte)'\n').ToArray(), context.RequestAborted);
    }

    /// <summary>A refusal in the encoding the client prefers; whatever form of objects it asked for, a Status is a Status.</summary>
    public static async Task WriteStatusAsync(HttpContext context, StatusException refusal)
    {
        if (refusal.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        var wanted = context.Request.Headers.Accept.ToString().Split(',', ';')[0].Trim();
        switch (wanted)
        {
            case "application/yaml":
                context.Response.StatusCode = refusal.Code;
                context.Response.ContentType = wanted;
                await context.Response.WriteAsync(YamlText.Write(refusal.ToStatus().ToElement()), context.RequestAborted);
                break;
            case ProtobufBody.MediaType when !context.Request.Headers.Accept.ToString().Contains("json", StringComparison.Ordinal):
                context.Response.StatusCode = refusal.Code;
                context.Response.ContentType = wanted;
                await context.Response.Body.WriteAsync(ProtobufStatus.Write(refusal.ToStatus()), context.RequestAborted);
                break;
            default:
                await WriteAsync(context, refusal.Code, refusal.ToStatus());
                break;
        }
    }

    public static async Task WriteTextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>Writes what the writer is told, in the media type asked for.</summary>
    public static async Task WriteAsync(HttpContext context, int status, ResponseFormat format, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = JsonAccess.NewWriter(buffer))
            write(writer);
        context.Response.StatusCode = status;
        context.Response.ContentType = format.MediaType;
        if (format.Yaml)
        {
            var text = YamlText.Write(JsonAccess.ParseElement(buffer.WrittenMemory));
            await context.Response.WriteAsync(text, context.RequestAborted);
            return;
        }

        buffer.Write("\n"u8);
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    /// <summary>An object as one version of its kind shows it.</summary>
    public static void WriteObject(Utf8JsonWriter writer, JsonElement json, ApiResource resource, string apiVersion, bool omitType = false)
    {
        if (EventConversion.Applies(resource))
            json = EventConversion.ToEventsGroup(json);
        writer.WriteStartObject();
        if (!omitType)
        {
            writer.WriteString("kind", resource.Kind);
            writer.WriteString("apiVersion", apiVersion);
        }

        foreach (var property in json.EnumerateObject())
        {
            if (property.NameEquals("kind") || property.NameEquals("apiVersion"))
                continue;
            writer.WritePropertyName(property.Name);
            writer.WriteRaw(property.Value);
        }

        writer.WriteEndObject();
    }

    public static void WriteMetadata(Utf8JsonWriter writer, JsonElement json, string metaVersion)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "PartialObjectMetadata");
        writer.WriteString("apiVersion", "meta.k8s.io/" + metaVersion);
        writer.WritePropertyName("metadata");
        writer.WriteRaw(json.GetProperty("metadata"));
        writer.WriteEndObject();
    }

    /// <summary>Lists of custom kinds say that they do not go on; those of built-in kinds say nothing of it.</summary>
    public static void WriteListMetadata(Utf8JsonWriter writer, ListPage page, bool alwaysContinue = false)
    {
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", page.Revision.ToString(CultureInfo.InvariantCulture));
        if (page.Next is not null || alwaysContinue)
            writer.WriteString("continue", page.Next ?? "");
        if (page.Remaining is { } remaining)
            writer.WriteNumber("remainingItemCount", remaining);
        writer.WriteEndObject();
    }
}
