using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>Bounds of TLS.</summary>
public sealed record TlsConfig
{
    /// <summary>Oldest version taken.</summary>
    [AllowedValues("TLS_AUTO", "TLSV1_2", "TLSV1_3")]
    public string? MinProtocolVersion { get; init; }

    /// <summary>Curves taken.</summary>
    public IReadOnlyList<string> EcdhCurves { get; init; } = [];

    /// <summary>Ciphers taken.</summary>
    public IReadOnlyList<string> CipherSuites { get; init; } = [];
}
