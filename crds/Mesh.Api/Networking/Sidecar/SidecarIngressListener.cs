using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>How one port of the pod takes connections.</summary>
public sealed record SidecarIngressListener
{
    /// <summary>The port that callers address.</summary>
    [Required]
    public SidecarPort? Port { get; init; }

    /// <summary>Address to listen on. Default: the pod's own.</summary>
    public string? Bind { get; init; }

    /// <summary><c>DEFAULT</c> and <c>IPTABLES</c>: connections are captured; <c>NONE</c>: the sidecar listens by itself.</summary>
    [AllowedValues("DEFAULT", "IPTABLES", "NONE")]
    public string? CaptureMode { get; init; }

    /// <summary>
    /// Where the application takes them: <c>127.0.0.1:PORT</c>, <c>[::1]:PORT</c>, <c>0.0.0.0:PORT</c> (the pod's address),
    /// <c>[::]:PORT</c>, or <c>unix:///path</c>. Default: the pod's address and the port addressed.
    /// </summary>
    public string? DefaultEndpoint { get; init; }

    /// <summary>TLS the sidecar ends, of callers outside the mesh: <c>SIMPLE</c> or <c>MUTUAL</c>.</summary>
    public ServerTlsSettings? Tls { get; init; }

    /// <summary>Limits of this port. Default: <c>inboundConnectionPool</c>.</summary>
    public ConnectionPoolSettings? ConnectionPool { get; init; }
}
