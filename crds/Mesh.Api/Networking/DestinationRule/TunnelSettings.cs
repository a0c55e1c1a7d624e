using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A tunnel through the service to another host.</summary>
public sealed record TunnelSettings
{
    /// <summary><c>CONNECT</c> (default) or <c>POST</c>.</summary>
    public string? Protocol { get; init; }

    /// <summary>Host at the tunnel's end: a name or an address.</summary>
    [Required]
    public string? TargetHost { get; init; }

    /// <summary>Port at the tunnel's end.</summary>
    [Required]
    [Port]
    public int? TargetPort { get; init; }
}
