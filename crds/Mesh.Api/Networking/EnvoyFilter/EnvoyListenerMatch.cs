using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Which listeners.</summary>
public sealed record EnvoyListenerMatch
{
    /// <summary>Port.</summary>
    [Range(0, 4294967295d)]
    public long? PortNumber { get; init; }

    /// <summary>Name of the port.</summary>
    public string? PortName { get; init; }

    /// <summary>Which filter chain.</summary>
    public EnvoyFilterChainMatch? FilterChain { get; init; }

    /// <summary>Which listener filter.</summary>
    public string? ListenerFilter { get; init; }

    /// <summary>Name of the listener.</summary>
    public string? Name { get; init; }
}
