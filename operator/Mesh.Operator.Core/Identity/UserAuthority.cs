using System.Security.Cryptography.X509Certificates;
using Mesh.Config.Identity;

namespace Mesh.Operator.Core.Identity;

/// <summary>A certificate authority that a user brought: who signs, through whom it chains, and the roots to be trusted.</summary>
public sealed record UserAuthority
{
    private UserAuthority()
    {
    }

    /// <summary>With its private key.</summary>
    public required X509Certificate2 Signer { get; init; }

    /// <summary>From the signer up to below the root; empty where the root itself signs.</summary>
    public required X509Certificate2Collection Intermediates { get; init; }

    /// <summary>The root that the signer chains to.</summary>
    public required X509Certificate2 Root { get; init; }

    /// <summary>Every root that the user wants trusted.</summary>
    public required string RootsPem { get; init; }

    /// <summary>The authority, or (null) what is wrong with it.</summary>
    /// <param name="signer">With its private key.</param>
    /// <param name="chain">What else was brought; may hold the signer and the root too.</param>
    /// <param name="roots">To be trusted.</param>
    /// <param name="now">The time.</param>
    /// <param name="problem">For people; empty when nothing is wrong.</param>
    public static UserAuthority? Of(X509Certificate2 signer, X509Certificate2Collection chain, X509Certificate2Collection roots, DateTimeOffset now, out string problem)
    {
        problem = Problem(signer, roots, now);
        if (problem.Length > 0) return null;
        using var built = TrustedChain.Of(signer, chain, roots, now, out var why);
        if (built is null)
        {
            problem = $"the signing certificate ({signer.Subject}) does not chain to a root that was brought: {why}";
            return null;
        }

        var way = built.ChainElements.Select(element => X509CertificateLoader.LoadCertificate(element.Certificate.RawData)).ToList();
        return new UserAuthority
        {
            Signer = signer,
            Intermediates = [.. way[..^1]],
            Root = way[^1],
            RootsPem = string.Concat(roots.Select(root => root.ExportCertificatePem() + "\n").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
        };
    }

    private static string Problem(X509Certificate2 signer, X509Certificate2Collection roots, DateTimeOffset now)
    {
        if (roots.Count == 0) return "no root was brought";
        if (!signer.HasPrivateKey) return $"there is no key to the signing certificate ({signer.Subject})";
        if (!signer.Extensions.OfType<X509BasicConstraintsExtension>().Any(basic => basic.CertificateAuthority))
            return $"the signing certificate ({signer.Subject}) may sign no certificates (basicConstraints CA is not true)";
        if (signer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign))
            return $"the signing certificate ({signer.Subject}) may sign no certificates (keyUsage keyCertSign is missing)";
        if (signer.NotAfter.ToUniversalTime() <= now.UtcDateTime) return $"the signing certificate ({signer.Subject}) ran out at {signer.NotAfter.ToUniversalTime():u}";
        using var curve = signer.GetECDsaPrivateKey();
        using var rsa = signer.GetRSAPrivateKey();
        return curve is null && rsa is null ? $"the key of the signing certificate ({signer.Subject}) is neither ECDSA nor RSA" : "";
    }
}
