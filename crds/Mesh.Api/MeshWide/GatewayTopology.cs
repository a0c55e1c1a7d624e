using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Mesh.Api.MeshWide;

/// <summary>What stands before a gateway.</summary>
public sealed record GatewayTopology
{
    /// <summary>Proxies whose X-Forwarded-For is believed.</summary>
    [Range(0, int.MaxValue)]
    public int? NumTrustedProxies { get; init; }

    /// <summary>What becomes of X-Forwarded-Client-Cert.</summary>
    [AllowedValues("UNDEFINED", "SANITIZE", "FORWARD_ONLY", "APPEND_FORWARD", "SANITIZE_SET", "ALWAYS_FORWARD_ONLY")]
    public string? ForwardClientCertDetails { get; init; }

    /// <summary>Whether the PROXY protocol is taken.</summary>
    public JsonElement? ProxyProtocol { get; init; }
}
