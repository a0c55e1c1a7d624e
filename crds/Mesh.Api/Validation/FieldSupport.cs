namespace Mesh.Api.Validation;

/// <summary>
/// Which fields of a kind the mesh acts on. A path names a field and all below it, lists and maps are passed through
/// (<c>spec.http.match.uri</c>); where paths nest, the longer one counts.
/// </summary>
public sealed record FieldSupport
{
    /// <summary>Fields that work.</summary>
    public required IReadOnlyList<string> Supported { get; init; }

    /// <summary>Fields that do not work yet, each with what happens instead.</summary>
    public required IReadOnlyDictionary<string, string> NotYet { get; init; }
}
