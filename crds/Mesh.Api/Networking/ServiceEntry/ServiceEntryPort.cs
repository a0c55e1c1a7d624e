using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>One port of the service.</summary>
public sealed record ServiceEntryPort
{
    /// <summary>Number that clients address.</summary>
    [Required]
    [Range(1, 65535)]
    public int? Number { get; init; }

    /// <summary>
    /// What is spoken: <c>HTTP</c>, <c>HTTP2</c>, <c>GRPC</c>, <c>GRPC-WEB</c>, <c>HTTPS</c>, <c>TLS</c>, <c>TCP</c>,
    /// <c>MONGO</c>. Default: by the name's prefix, else found out per connection.
    /// </summary>
    [StringLength(256)]
    public string? Protocol { get; init; }

    /// <summary>Name, unique within the service; endpoints name their own number for it.</summary>
    [Required]
    [StringLength(256)]
    public string? Name { get; init; }

    /// <summary>Port of the members, unless an endpoint names its own. Default: <c>number</c>.</summary>
    [Range(1, 65535)]
    public int? TargetPort { get; init; }
}
