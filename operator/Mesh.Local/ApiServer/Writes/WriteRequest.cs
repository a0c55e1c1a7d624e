using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Resources;

namespace Mesh.Local.ApiServer.Writes;

/// <summary>Who writes what, and how: everything about a write but the object itself.</summary>
internal sealed record WriteRequest
{
    public required ApiUser User { get; init; }

    public required ResourceCatalog Catalog { get; init; }

    public required ApiResource Resource { get; init; }

    public required ServedVersion Version { get; init; }

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    public string Subresource { get; init; } = "";

    /// <summary>One of many that were deleted together; the request itself named none.</summary>
    public bool OfCollection { get; init; }

    public bool DryRun { get; init; }

    public string FieldManager { get; init; } = "apiserver";

    /// <summary>Server-side apply, which owns what it names; any other write owns what it changes.</summary>
    public bool IsApply { get; init; }

    /// <summary>Strict, Warn or Ignore.</summary>
    public string FieldValidation { get; init; } = "Ignore";

    /// <summary>Whether the client named its manager; webhooks are told only then.</summary>
    public bool FieldManagerGiven { get; init; }

    public bool FieldValidationGiven { get; init; }

    public Action<string> Warn { get; init; } = static _ => { };

    public string ApiVersion => Resource.ApiVersionOf(Version.Name);

    public static WriteRequest Of(ApiRequest request) => new()
    {
        User = request.User,
        Catalog = request.Catalog,
        Resource = request.Resource,
        Version = request.Version,
        Namespace = request.Namespace,
        Name = request.Name,
        Subresource = request.Subresource,
        DryRun = request.DryRun,
        FieldManager = request.FieldManager,
        FieldValidation = request.FieldValidation,
        FieldManagerGiven = request.Query("fieldManager") is { Length: > 0 },
        FieldValidationGiven = request.Query("fieldValidation") is { Length: > 0 },
        Warn = request.Warn,
    };

    /// <summary>A write of the server itself.</summary>
    public static WriteRequest Own(ResourceCatalog catalog, ApiResource resource, string ns, string name) => new()
    {
        User = ApiUser.Server,
        Catalog = catalog,
        Resource = resource,
        Version = resource.StorageVersion,
        Namespace = ns,
        Name = name,
        FieldManager = "kube-apiserver",
    };
}
