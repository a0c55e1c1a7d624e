namespace Mesh.Config.Control;

/// <summary>A certificate, issued.</summary>
public sealed record IssuedCertificate
{
    /// <summary>The certificate, then intermediates if there are any, as PEM.</summary>
    public required string Chain { get; init; }
}
