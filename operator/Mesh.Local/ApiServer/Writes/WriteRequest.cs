using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Resources;
using Mesh.Local.ApiServer.Storage;

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

    /// <summary>The document as it came, for messages that quote it.</summary>
    public ReadOnlyMemory<byte> Sent { get; init; }

    /// <summary>What the document says twice, in the words the client is told it in.</summary>
    public IReadOnlyList<string> Repeated { get; init; } = [];

    /// <summary>A patch: how the document came out that cannot be kept, for the client to see.</summary>
    public Func<StoredObject, string>? Patched { get; init; }

    public bool IsPatch => Patched is not null;

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

    public WriteRequest From(RequestDocument document) => this with { Sent = document.Sent, Repeated = document.Repeated };

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
