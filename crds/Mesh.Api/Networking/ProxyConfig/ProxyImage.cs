namespace Mesh.Api.Networking;

/// <summary>The sidecar's image.</summary>
public sealed record ProxyImage
{
    /// <summary>Its kind: <c>default</c>, <c>debug</c>, <c>distroless</c>.</summary>
    public string? ImageType { get; init; }
}
