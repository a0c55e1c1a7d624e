using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>What happens to connections to destinations nobody knows.</summary>
public sealed record OutboundTrafficPolicy
{
    /// <summary><c>ALLOW_ANY</c>: they go where the client meant them to. <c>REGISTRY_ONLY</c> (default here): they are refused.</summary>
    [AllowedValues("REGISTRY_ONLY", "ALLOW_ANY")]
    public string? Mode { get; init; }

    /// <summary>Where they go instead, an egress gateway for example.</summary>
    public Destination? EgressProxy { get; init; }
}
