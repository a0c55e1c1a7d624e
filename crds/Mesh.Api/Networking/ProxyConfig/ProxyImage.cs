namespace Mesh.Api.Networking;

/// <summary>The sidecar's image.</summary>
public sealed record ProxyImage
{
    /// <summary>Its kind: <c>default</c> or <c>distroless</c>, which are the same here; there is no other.</summary>
    public string? ImageType { get; init; }
}
