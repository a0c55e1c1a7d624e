namespace Mesh.Api.Security;

/// <summary>A provider of the mesh's settings.</summary>
public sealed record ExtensionProvider
{
    /// <summary>Its name in <c>extensionProviders</c> of MeshConfig.</summary>
    public string? Name { get; init; }
}
