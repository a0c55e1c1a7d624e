using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;
using Mesh.Operator.Core.Identity;

namespace Mesh.Operator.Identity;

/// <summary>Roots, signer and the operator's own certificate, all of one moment.</summary>
public sealed record Trust
{
    /// <summary>What stands in the Secret.</summary>
    public required RootRing Ring { get; init; }

    /// <summary>Every root that is trusted.</summary>
    public required X509Certificate2Collection Roots { get; init; }

    /// <summary>The same as a file.</summary>
    public required string RootsPem { get; init; }

    /// <summary>Who signs.</summary>
    public required SigningAuthority Authority { get; init; }

    /// <summary>Who this operator is.</summary>
    public required SpiffeId Id { get; init; }

    /// <summary>Its own certificate, with its key.</summary>
    public required X509Certificate2 Own { get; init; }

    /// <summary>The same for handshakes, with what has to be sent along.</summary>
    public required SslStreamCertificateContext OwnContext { get; init; }
}
