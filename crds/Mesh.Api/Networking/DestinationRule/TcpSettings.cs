using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Limits of connections.</summary>
public sealed record TcpSettings
{
    /// <summary>Most connections of one proxy to the host. Default: none.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxConnections { get; init; }

    /// <summary>How long making a connection may take. Default 10 s.</summary>
    [AtLeast("1ms")]
    public Duration? ConnectTimeout { get; init; }

    /// <summary>Keep-alive probes of the operating system.</summary>
    public TcpKeepalive? TcpKeepalive { get; init; }

    /// <summary>How long a connection may live at most. Default: for ever.</summary>
    [AtLeast("1ms")]
    public Duration? MaxConnectionDuration { get; init; }

    /// <summary>How long a connection may be silent. Default 1 h; <c>0s</c> = for ever.</summary>
    public Duration? IdleTimeout { get; init; }
}
