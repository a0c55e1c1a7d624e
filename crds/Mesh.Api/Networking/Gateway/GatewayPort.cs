using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A port of a gateway.</summary>
public sealed record GatewayPort
{
    /// <summary>Its number.</summary>
    [Required]
    [Range(0, 4294967295d)]
    public long? Number { get; init; }

    /// <summary>
    /// What is spoken: <c>HTTP</c>, <c>HTTPS</c>, <c>GRPC</c>, <c>GRPC-WEB</c>, <c>HTTP2</c>, <c>MONGO</c>, <c>TCP</c>,
    /// <c>TLS</c>.
    /// </summary>
    [Required]
    public string? Protocol { get; init; }

    /// <summary>Its name, unique within the gateway.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>Not possible on a gateway.</summary>
    [Range(0, 4294967295d)]
    public long? TargetPort { get; init; }
}
