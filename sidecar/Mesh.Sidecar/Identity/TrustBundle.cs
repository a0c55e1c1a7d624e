using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;

namespace Mesh.Sidecar.Identity;

/// <summary>Whom the pod was told to trust, by mount only.</summary>
public sealed record TrustBundle
{
    /// <summary>Every root that is valid now.</summary>
    public required X509Certificate2Collection Roots { get; init; }

    /// <summary>Who may speak as the operator.</summary>
    public required SpiffeId Operator { get; init; }

    /// <summary>Host and port to dial when the operator does not call; empty when there is none.</summary>
    public string Address { get; init; } = "";

    /// <summary>The mesh's trust domain.</summary>
    public required string TrustDomain { get; init; }
}
