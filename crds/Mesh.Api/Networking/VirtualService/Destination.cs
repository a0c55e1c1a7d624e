using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A service of the mesh, whole or one subset of it.</summary>
public sealed record Destination
{
    /// <summary>
    /// The service: short name (the namespace of this rule is added) or full name such as
    /// <c>reviews.prod.svc.cluster.local</c>. <c>reviews.prod</c> is not completed.
    /// </summary>
    [Required]
    public string? Host { get; init; }

    /// <summary>A subset of it, defined in a DestinationRule for the same host.</summary>
    public string? Subset { get; init; }

    /// <summary>Its port; needed only if the service has several.</summary>
    public PortSelector? Port { get; init; }
}
