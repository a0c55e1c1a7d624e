using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>An HTTP request that is answered with a status below 400.</summary>
public sealed record HttpGetProbe
{
    /// <summary>Path. Default <c>/</c>.</summary>
    public string? Path { get; init; }

    /// <summary>Port.</summary>
    [Required]
    [CelRule("0 < self && self <= 65535", "port must be between 1-65535")]
    public long? Port { get; init; }

    /// <summary>Host that is connected to. Default: the machine itself.</summary>
    public string? Host { get; init; }

    /// <summary><c>HTTP</c> (default) or <c>HTTPS</c>.</summary>
    [CelRule("self in ['', 'HTTP', 'HTTPS']", "scheme must be one of [HTTP, HTTPS]")]
    public string? Scheme { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<HttpProbeHeader> HttpHeaders { get; init; } = [];
}
