using Mesh.Api.Networking;

namespace Mesh.Api.MeshWide;

/// <summary>Another authority.</summary>
public sealed record MeshCa
{
    /// <summary>Where it is.</summary>
    public string? Address { get; init; }

    /// <summary>TLS to it.</summary>
    public ClientTlsSettings? TlsSettings { get; init; }

    /// <summary>Time for an answer.</summary>
    public Duration? RequestTimeout { get; init; }

    /// <summary>Whether the control plane asks it.</summary>
    public bool? IstiodSide { get; init; }
}
