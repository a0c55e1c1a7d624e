namespace Mesh.Config;

/// <summary>A credential by name; its content travels in a Secret of its own.</summary>
/// <param name="Name">Name of the credential, as the rule gives it.</param>
/// <param name="Sha256">SHA-256 of the certificate, so that a change is seen; lower-case hex.</param>
public sealed record CredentialRef(string Name, string Sha256);
