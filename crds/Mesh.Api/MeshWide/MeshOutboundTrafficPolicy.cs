using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>Destinations nobody knows.</summary>
public sealed record MeshOutboundTrafficPolicy
{
    /// <summary><c>ALLOW_ANY</c> (default) lets connections through, <c>REGISTRY_ONLY</c> refuses them.</summary>
    [AllowedValues("ALLOW_ANY", "REGISTRY_ONLY", "VIRTUAL_SERVICE_ONLY")]
    public string? Mode { get; init; }
}
