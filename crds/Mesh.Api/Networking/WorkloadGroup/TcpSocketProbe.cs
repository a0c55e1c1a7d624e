using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A connection that comes about.</summary>
public sealed record TcpSocketProbe
{
    /// <summary>Host. Default: the machine itself.</summary>
    public string? Host { get; init; }

    /// <summary>Port.</summary>
    [Required]
    [CelRule("0 < self && self <= 65535", "port must be between 1-65535")]
    public long? Port { get; init; }
}
