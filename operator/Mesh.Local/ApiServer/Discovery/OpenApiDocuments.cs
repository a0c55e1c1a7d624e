using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Resources;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Discovery;

/// <summary>
/// OpenAPI version 3 of the served kinds, one document a group and version, made when it is asked for and kept while the
/// kinds stay the same. Version 2 is answered with 404: kubectl then goes by version 3 and its own built-in types.
/// </summary>
internal sealed class OpenApiDocuments
{
    private readonly ConcurrentDictionary<string, (ResourceCatalog Catalog, byte[] Bytes, string Tag)> made = new(StringComparer.Ordinal);

    public async Task AnswerAsync(HttpContext context, string[] parts, ResourceCatalog catalog)
    {
        switch (parts)
        {
            case ["openapi", "v3"]:
                await IndexAsync(context, catalog);
                break;
            case ["openapi", "v3", "api", "v1"]:
                await DocumentAsync(context, catalog, "", "v1");
                break;
            case ["openapi", "v3", "apis", var group, var version] when catalog.VersionsOf(group).Contains(version):
                await DocumentAsync(context, catalog, group, version);
                break;
            default:
                await Answers.WriteTextAsync(context, 404, "404 page not found\n");
                break;
        }
    }

    private async Task IndexAsync(HttpContext context, ResourceCatalog catalog)
    {
        var paths = new JsonObject();
        foreach (var (group, version) in catalog.Groups.SelectMany(group => catalog.VersionsOf(group).Select(version => (group, version))))
        {
            var name = group.Length == 0 ? "api/" + version : $"apis/{group}/{version}";
            paths[name] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{name}?hash={Document(catalog, group, version).Tag.Trim('"')}" };
        }

        var body = new JsonObject { ["paths"] = paths };
        var tag = ETags.Of(body.ToBytes());
        context.Response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch == tag)
            context.Response.StatusCode = 304;
        else
            await Answers.WriteAsync(context, 200, body);
    }

    private async Task DocumentAsync(HttpContext context, ResourceCatalog catalog, string group, string version)
    {
        var (_, bytes, tag) = Document(catalog, group, version);
        var hash = context.Request.Query["hash"].ToString();
        if (hash.Length > 0 && hash != tag.Trim('"'))
        {
            context.Response.StatusCode = 301;
            context.Response.Headers.Location = context.Request.Path + "?hash=" + tag.Trim('"');
            return;
        }

        context.Response.Headers.ETag = tag;
        context.Response.Headers.Vary = "Accept-Encoding, Accept";
        if (hash.Length > 0)
            context.Response.Headers.CacheControl = "public, immutable";
        if (context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = 304;
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private (ResourceCatalog Catalog, byte[] Bytes, string Tag) Document(ResourceCatalog catalog, string group, string version)
    {
        var name = group + "/" + version;
        // Documents of built-in groups never change; those of custom ones do with the catalogue.
        if (made.TryGetValue(name, out var known) && (known.Catalog == catalog || catalog.In(group).All(resource => !resource.IsCustom)))
            return known;
        var bytes = new OpenApiBuilder(catalog, group, version).Build().ToBytes();
        return made[name] = (catalog, bytes, ETags.Of(bytes));
    }
}
