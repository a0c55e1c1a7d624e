using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>Ports nobody declared.</summary>
public sealed record MeshInboundTrafficPolicy
{
    /// <summary>To which address connections are passed on.</summary>
    [AllowedValues("PASSTHROUGH", "LOCALHOST")]
    public string? Mode { get; init; }
}
