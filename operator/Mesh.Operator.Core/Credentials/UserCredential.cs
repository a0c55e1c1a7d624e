namespace Mesh.Operator.Core.Credentials;

/// <summary>What is known of the credential that a rule names: hashes and problems, never a byte of it.</summary>
public sealed record UserCredential
{
    /// <summary>Certificate and key, with what is trusted beside them where there is any: for MUTUAL.</summary>
    public required CredentialPart Pair { get; init; }

    /// <summary>What is trusted, and nothing else: for SIMPLE.</summary>
    public required CredentialPart Trust { get; init; }
}
