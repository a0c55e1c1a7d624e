using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Protobuf;
using Mesh.Local.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// OpenAPI of the served kinds: version 3 as one document a group and version, version 2 as one for all, in JSON and protobuf.
/// A document is made when it is first asked for, kept while the kinds stay the same, and named by the hash of its bytes, by
/// which clients keep their copies.
/// </summary>
internal sealed class OpenApiDocuments
{
    private sealed record Document(ResourceCatalog Catalog, byte[] Bytes, string Tag);

    private readonly ConcurrentDictionary<string, Document> made = new(StringComparer.Ordinal);

    public async Task AnswerAsync(HttpContext context, string[] parts, ResourceCatalog catalog)
    {
        switch (parts)
        {
            case ["openapi", "v2"]:
                await Version2Async(context, catalog);
                break;
            case ["openapi", "v3"]:
                await IndexAsync(context, catalog);
                break;
            case ["openapi", "v3", "api", "v1"]:
                await Version3Async(context, catalog, "", "v1");
                break;
            case ["openapi", "v3", "apis", var group, var version] when catalog.VersionsOf(group).Contains(version):
                await Version3Async(context, catalog, group, version);
                break;
            default:
                context.Response.StatusCode = 404;
                break;
        }
    }

    private async Task IndexAsync(HttpContext context, ResourceCatalog catalog)
    {
        var paths = new JsonObject();
        var named = catalog.Groups.SelectMany(group => catalog.VersionsOf(group).Select(version => (group, version)))
            .Select(pair => (Name: pair.group.Length == 0 ? "api/" + pair.version : $"apis/{pair.group}/{pair.version}", Document: Version3(catalog, pair.group, pair.version)));
        foreach (var (name, document) in named.OrderBy(pair => pair.Name, StringComparer.Ordinal))
            paths[name] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{name}?hash={document.Tag.Trim('"')}" };
        var body = new JsonObject { ["paths"] = paths };
        var bytes = body.ToBytes();
        // The type is what Kubernetes says here, too.
        await SendAsync(context, new Document(catalog, bytes, ETags.Of(bytes)), "text/plain; charset=utf-8");
    }

    private async Task Version3Async(HttpContext context, ResourceCatalog catalog, string group, string version)
    {
        var document = Version3(catalog, group, version);
        var hash = context.Request.Query["hash"].ToString();
        if (hash.Length > 0 && hash != document.Tag.Trim('"'))
        {
            context.Response.StatusCode = 301;
            context.Response.ContentType = "application/json";
            context.Response.Headers.Location = context.Request.Path + "?hash=" + document.Tag.Trim('"');
            return;
        }

        // Under the name of its content a document never changes.
        if (hash.Length > 0)
            context.Response.Headers.CacheControl = "public, immutable";
        await SendAsync(context, document, "application/json");
    }

    private async Task Version2Async(HttpContext context, ResourceCatalog catalog)
    {
        foreach (var alternative in context.Request.Headers.Accept.ToString().Split(','))
        {
            // With "@" as clients of old write it, or with "." as the type was registered.
            var type = alternative.Split(';')[0].Trim().Replace("v2@v1.0", "v2.v1.0", StringComparison.Ordinal);
            if (type == SwaggerWire.MediaType)
            {
                await SendAsync(context, Kept("v2 protobuf", catalog, () => SwaggerWire.Write(OpenApiV2.Build(catalog))), type);
                return;
            }

            if (type is "" or "application/json" or "*/*" or "application/*")
            {
                await SendAsync(context, Kept("v2", catalog, () => OpenApiV2.Build(catalog).ToBytes()), "application/json");
                return;
            }
        }

        context.Response.StatusCode = 406;
    }

    private static async Task SendAsync(HttpContext context, Document document, string mediaType)
    {
        context.Response.Headers.ETag = document.Tag;
        context.Response.Headers.Vary = "Accept-Encoding, Accept";
        if (context.Request.Headers.IfNoneMatch == document.Tag)
        {
            context.Response.StatusCode = 304;
            return;
        }

        context.Response.ContentType = mediaType;
        context.Response.ContentLength = document.Bytes.Length;
        await context.Response.Body.WriteAsync(document.Bytes, context.RequestAborted);
    }

    /// <summary>Documents of built-in groups never change; those of custom ones do with the catalogue.</summary>
    private Document Version3(ResourceCatalog catalog, string group, string version) => Kept(
        group + "/" + version, catalog, () => new OpenApiBuilder(catalog, group, version).Build().ToBytes(),
        forever: catalog.In(group).All(resource => !resource.IsCustom));

    private Document Kept(string name, ResourceCatalog catalog, Func<byte[]> make, bool forever = false)
    {
        if (made.TryGetValue(name, out var known) && (forever || known.Catalog == catalog))
            return known;
        var bytes = make();
        return made[name] = new Document(catalog, bytes, ETags.Of(bytes));
    }
}
