namespace Mesh.Api.MeshWide;

/// <summary>A further root.</summary>
[AtMostOneOf(nameof(Pem), nameof(SpiffeBundleUrl))]
public sealed record MeshCaCertificate
{
    /// <summary>The certificate.</summary>
    public string? Pem { get; init; }

    /// <summary>Where it is found.</summary>
    public string? SpiffeBundleUrl { get; init; }

    /// <summary>Signers it belongs to.</summary>
    public IReadOnlyList<string> CertSigners { get; init; } = [];

    /// <summary>Trust domains it is for.</summary>
    public IReadOnlyList<string> TrustDomains { get; init; } = [];
}
