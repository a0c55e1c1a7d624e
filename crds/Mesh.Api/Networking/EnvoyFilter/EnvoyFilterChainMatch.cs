using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Which filter chain.</summary>
public sealed record EnvoyFilterChainMatch
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>SNI it is for.</summary>
    public string? Sni { get; init; }

    /// <summary>Protocols it is for.</summary>
    public string? ApplicationProtocols { get; init; }

    /// <summary>Transport it is for.</summary>
    public string? TransportProtocol { get; init; }

    /// <summary>Which filter in it.</summary>
    public EnvoyFilterMatch? Filter { get; init; }

    /// <summary>Port it is for.</summary>
    [Range(0, 4294967295d)]
    public long? DestinationPort { get; init; }
}
