using Microsoft.AspNetCore.Http;

namespace Mesh.Local.ApiServer.Access;

/// <summary>
/// What somebody wants to do, as roles speak of it: a verb on a resource (perhaps one object, perhaps one aspect of it) or on a
/// plain path. Read from the path alone, before anybody asks whether such a thing exists: who may not do it is not told.
/// </summary>
internal sealed record AccessRequest
{
    public required ApiUser User { get; init; }

    public required string Verb { get; init; }

    /// <summary>Set for what is no resource ("/metrics"); the fields below are then empty.</summary>
    public string? Path { get; init; }

    public string Group { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>As rules name it: "pods" or "pods/log".</summary>
    public string FullResource => Subresource.Length == 0 ? Resource : Resource + "/" + Subresource;

    public static AccessRequest Of(HttpContext context, ApiUser user)
    {
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["api", _, _, ..] => OfResource(context, user, "", parts[2..]),
            ["apis", var group, _, _, ..] => OfResource(context, user, group, parts[3..]),
            _ => new AccessRequest { User = user, Verb = context.Request.Method.ToLowerInvariant(), Path = context.Request.Path.Value },
        };
    }

    private static AccessRequest OfResource(HttpContext context, ApiUser user, string group, string[] path)
    {
        var ns = "";
        var legacyWatch = path is ["watch", _, ..];
        if (legacyWatch)
            path = path[1..];
        if (path is ["namespaces", var named, ..])
        {
            // A namespace is an object of its own and stands in itself; "status" and "finalize" are aspects of it.
            ns = named;
            if (path.Length > 2 && path[2] is not ("status" or "finalize"))
                path = path[2..];
        }

        var name = path.Length > 1 ? path[1] : "";
        var verb = legacyWatch ? "watch" : VerbOf(context.Request, name.Length > 0);
        if (name.Length == 0 && verb is "list" or "watch" or "deletecollection")
            name = OnlyName(context.Request.Query["fieldSelector"].ToString());
        return new AccessRequest
        {
            User = user,
            Verb = verb,
            Group = group,
            Resource = path[0],
            Subresource = path.Length > 2 ? path[2] : "",
            Namespace = ns,
            Name = name,
        };
    }

    private static string VerbOf(HttpRequest request, bool named) => request.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => named ? "delete" : "deletecollection",
        "GET" or "HEAD" when named => "get",
        "GET" or "HEAD" => Http.ApiRequest.FlagOf(request.Query["watch"]) ? "watch" : "list",
        var other => other.ToLowerInvariant(),
    };

    /// <summary>A list of the one object of a name is judged as that object, so that resourceNames can allow it.</summary>
    private static string OnlyName(string fieldSelector)
    {
        const string field = "metadata.name=";
        return fieldSelector.StartsWith(field, StringComparison.Ordinal) && !fieldSelector.Contains(',', StringComparison.Ordinal)
            ? fieldSelector[field.Length..].TrimStart('=') : "";
    }
}
