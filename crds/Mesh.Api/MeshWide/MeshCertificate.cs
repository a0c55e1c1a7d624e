namespace Mesh.Api.MeshWide;

/// <summary>A certificate in a Secret.</summary>
public sealed record MeshCertificate
{
    /// <summary>The Secret.</summary>
    public string? SecretName { get; init; }

    /// <summary>Names it is for.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];
}
