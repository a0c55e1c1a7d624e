using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>SO_KEEPALIVE.</summary>
public sealed record TcpKeepalive
{
    /// <summary>Probes without answer until the connection counts as dead. Default: the system's, usually 9.</summary>
    [Range(0, int.MaxValue)]
    public int? Probes { get; init; }

    /// <summary>Silence before the first probe. Default: the system's, usually 7200 s.</summary>
    [AtLeast("1ms")]
    public Duration? Time { get; init; }

    /// <summary>Time between probes. Default: the system's, usually 75 s.</summary>
    [AtLeast("1ms")]
    public Duration? Interval { get; init; }
}
