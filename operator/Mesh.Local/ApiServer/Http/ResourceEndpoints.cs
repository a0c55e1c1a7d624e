using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Subresources;
using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Http;

/// <summary>Paths below a group and version: which kind, which object, which verb.</summary>
internal sealed class ResourceEndpoints(ReadHandler reads, WatchHandler watches, WriteHandler writes, SubresourceHandler subresources, BindingSubresource bindings, ReviewHandler reviews,
    Action<ApiCall>? answered)
{
    public async Task AnswerAsync(HttpContext context, ApiUser user, ResourceCatalog catalog, string group, string version, string[] path)
    {
        if (Understand(context, user, catalog, group, version, path) is not { } request)
        {
            if (catalog.IsBuiltIn(group))
                throw StatusException.NoSuchResource();
            await Answers.WriteTextAsync(context, 404, "404 page not found\n");
            return;
        }

        if (request.Resource.WithoutEffect is { } why && context.Request.Method is "POST" or "PUT" or "PATCH")
            request.Warn($"{request.Resource.Kind} is kept but has no effect in this cluster: {why}");
        if (request.Version.DeprecationWarning is { } warning)
            request.Warn(warning);
        if (answered is not null)
            context.Response.OnCompleted(() =>
            {
                answered(new ApiCall(user.Name, context.Request.Method, request.Resource.GroupResource + (request.Subresource.Length > 0 ? "/" + request.Subresource : ""), context.Response.StatusCode));
                return Task.CompletedTask;
            });
        if (request is { Resource: { Group: "", Kind: "Binding" }, Name: "", Context.Request.Method: "POST" })
            await bindings.AnswerAsync(request);
        else if (!request.Resource.IsStored)
            await reviews.AnswerAsync(request);
        else if (request.Subresource.Length > 0)
            await subresources.AnswerAsync(request);
        else if (request.Name.Length > 0)
            await ItemAsync(request);
        else
            await CollectionAsync(request);
    }

    private Task ItemAsync(ApiRequest request) => request.Context.Request.Method switch
    {
        "GET" when request.LegacyWatch => watches.WatchAsync(request),
        "GET" or "HEAD" => reads.GetAsync(request),
        "PUT" => writes.ReplaceAsync(request),
        "PATCH" => writes.PatchAsync(request),
        "DELETE" => writes.DeleteAsync(request),
        _ => throw StatusException.MethodNotAllowed(),
    };

    private Task CollectionAsync(ApiRequest request) => request.Context.Request.Method switch
    {
        "GET" when request.LegacyWatch || request.QueryFlag("watch") => watches.WatchAsync(request),
        "GET" or "HEAD" => reads.ListAsync(request),
        "POST" when request.Resource.Namespaced && request.Namespace.Length == 0 => throw StatusException.MethodNotAllowed(),
        "POST" => writes.CreateAsync(request),
        "DELETE" when request.Resource.Verbs.Contains("deletecollection") => writes.DeleteCollectionAsync(request),
        _ => throw StatusException.MethodNotAllowed(),
    };

    /// <summary>Null when the path names nothing that is served.</summary>
    private static ApiRequest? Understand(
        HttpContext context, ApiUser user, ResourceCatalog catalog, string group, string version, string[] path)
    {
        var ns = "";
        // Before watch=true there was a path for it; built-in kinds still have it.
        var legacyWatch = path is ["watch", _, ..];
        if (legacyWatch)
            path = path[1..];
        if (path is ["namespaces", var named, _, ..] && !(group.Length == 0 && path[2] is "status" or "finalize" && path.Length == 3))
        {
            ns = named;
            path = path[2..];
        }

        if (path.Length is 0 or > 3 || catalog.Find(group, path[0]) is not { } resource || resource.Version(version) is not { } served)
            return null;
        if (ns.Length > 0 != resource.Namespaced && (ns.Length > 0 || path.Length > 1))
            return null;
        if (ns.Length == 0 && resource.Namespaced && resource.IsCustom && context.Request.Method is "POST")
            return null;
        var subresource = path.Length > 2 ? path[2] : "";
        if (legacyWatch && (resource.IsCustom || subresource.Length > 0))
            return null;
        if (subresource.Length > 0 && !Has(resource, served, subresource))
            return resource.IsCustom ? throw StatusException.NotFound(resource, path[1]) : null;
        return new ApiRequest
        {
            Context = context,
            User = user,
            Catalog = catalog,
            Resource = resource,
            Version = served,
            Namespace = ns,
            Name = path.Length > 1 ? path[1] : "",
            Subresource = subresource,
            LegacyWatch = legacyWatch,
        };
    }

    private static bool Has(ApiResource resource, ServedVersion version, string subresource) => subresource switch
    {
        "status" => version.HasStatus,
        "scale" => version.Scale is not null,
        _ => resource.Actions.Contains(subresource),
    };
}
