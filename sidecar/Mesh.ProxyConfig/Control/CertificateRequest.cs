namespace Mesh.Config.Control;

/// <summary>Asks for a certificate.</summary>
public sealed record CertificateRequest
{
    /// <summary>PKCS#10 request as PEM, signed with the new key; empty in a session: please open an issuing exchange.</summary>
    public string SigningRequest { get; init; } = "";

    /// <summary>Why: <c>start</c>, <c>renewal</c>, <c>root change</c>; for the audit log.</summary>
    public required string Reason { get; init; }
}
