using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>One port of a gateway.</summary>
public sealed record GatewayServer
{
    /// <summary>The port.</summary>
    [Required]
    public GatewayPort? Port { get; init; }

    /// <summary>Address to listen on, or <c>unix:///path</c>. Default: all.</summary>
    public string? Bind { get; init; }

    /// <summary>
    /// Hosts taken there, each optionally after a namespace: <c>*.example.com</c>, <c>prod/shop.example.com</c>,
    /// <c>./*</c>. VirtualServices only act on hosts that are listed here.
    /// </summary>
    [Required]
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>TLS of the port; needed for HTTPS and TLS.</summary>
    public ServerTlsSettings? Tls { get; init; }

    /// <summary>Without effect, as in Istio.</summary>
    public string? DefaultEndpoint { get; init; }

    /// <summary>Name of the server, unique among all gateways of the proxy.</summary>
    public string? Name { get; init; }
}
