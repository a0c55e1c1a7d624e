namespace Mesh.Api.MeshWide;

/// <summary>The sidecar's image.</summary>
public sealed record MeshProxyImage
{
    /// <summary>Its kind: <c>default</c>, <c>debug</c>, <c>distroless</c>.</summary>
    public string? ImageType { get; init; }
}
