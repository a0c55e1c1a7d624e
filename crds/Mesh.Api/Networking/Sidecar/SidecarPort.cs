using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A port of a sidecar's listener.</summary>
public sealed record SidecarPort
{
    /// <summary>Its number.</summary>
    [Range(0, 4294967295d)]
    public long? Number { get; init; }

    /// <summary>What is spoken: <c>HTTP</c>, <c>HTTP2</c>, <c>GRPC</c>, <c>HTTPS</c>, <c>TLS</c>, <c>TCP</c>, <c>MONGO</c>. Default: found out per connection.</summary>
    public string? Protocol { get; init; }

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Without effect, as in Istio.</summary>
    [Range(0, 4294967295d)]
    public long? TargetPort { get; init; }
}
