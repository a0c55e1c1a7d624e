using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Mesh.Api.MeshWide;

/// <summary>Headers a sidecar adds.</summary>
public sealed record ProxyHeaders
{
    /// <summary>What becomes of X-Forwarded-Client-Cert.</summary>
    [AllowedValues("UNDEFINED", "SANITIZE", "FORWARD_ONLY", "APPEND_FORWARD", "SANITIZE_SET", "ALWAYS_FORWARD_ONLY")]
    public string? ForwardedClientCert { get; init; }

    /// <summary>What it holds.</summary>
    public JsonElement? SetCurrentClientCertDetails { get; init; }

    /// <summary>X-Request-Id.</summary>
    public HeaderSwitch? RequestId { get; init; }

    /// <summary>Server.</summary>
    public ServerHeader? Server { get; init; }

    /// <summary>X-Envoy-Attempt-Count.</summary>
    public HeaderSwitch? AttemptCount { get; init; }

    /// <summary>Envoy's headers for finding faults.</summary>
    public HeaderSwitch? EnvoyDebugHeaders { get; init; }

    /// <summary>Headers that tell peers of each other.</summary>
    public MetadataExchangeHeaders? MetadataExchangeHeaders { get; init; }

    /// <summary>Whether names of headers keep their case.</summary>
    public bool? PreserveHttp1HeaderCase { get; init; }

    /// <summary>X-Forwarded-Host.</summary>
    public HeaderChoice? XForwardedHost { get; init; }

    /// <summary>X-Forwarded-Port.</summary>
    public HeaderChoice? XForwardedPort { get; init; }
}
