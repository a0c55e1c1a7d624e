using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Identity;

/// <summary>Everything that decides whether a certificate is issued.</summary>
public sealed record IssueQuestion
{
    /// <summary>The request; null when it could not be read.</summary>
    public required SigningRequest? Request { get; init; }

    /// <summary>Key of the certificate shown in the TLS handshake of this very connection (SubjectPublicKeyInfo).</summary>
    public required ReadOnlyMemory<byte> ConnectionKey { get; init; }

    /// <summary>What the API server says about the token that was shown.</summary>
    public required TokenVerdict Token { get; init; }

    /// <summary>The pod at hand: the one whose address was dialled, or the one that the caller says it is; null when there is none.</summary>
    public required Workload? Pod { get; init; }

    /// <summary>The mesh's trust domain.</summary>
    public required string TrustDomain { get; init; }
}
