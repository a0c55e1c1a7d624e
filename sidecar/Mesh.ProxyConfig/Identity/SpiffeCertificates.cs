using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Config.Identity;

/// <summary>What operator and sidecar ask of a certificate, in the same words: whose it is, and whether a root of ours vouches for it.</summary>
public static class SpiffeCertificates
{
    private const string SubjectAlternativeName = "2.5.29.17";

    // RFC 5280 section 4.2.1.6: uniformResourceIdentifier [6] IA5String.
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The id in the certificate: its one URI name, if it has no other name.</summary>
    public static bool TryReadId(X509Certificate2 certificate, [NotNullWhen(true)] out SpiffeId? id)
    {
        id = null;
        var extension = certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAlternativeName);
        if (extension is null) return false;
        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            if (!names.HasData || !names.PeekTag().HasSameClassAndValue(Uri)) return false;
            var text = names.ReadCharacterString(UniversalTagNumber.IA5String, Uri);
            return !names.HasData && SpiffeId.TryParse(text, out id);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    /// <summary>Whether the certificate is valid at this time, chains to one of the roots and carries an id. <paramref name="why"/> says what fails.</summary>
    public static bool TryVerify(
        X509Certificate2? certificate, X509Certificate2Collection roots, DateTimeOffset now, [NotNullWhen(true)] out SpiffeId? id, out string why) =>
        TryVerify(certificate, [], roots, now, out id, out why);

    /// <summary>The same for a certificate that came with others: <paramref name="intermediates"/> may stand between it and a root.</summary>
    public static bool TryVerify(
        X509Certificate2? certificate,
        X509Certificate2Collection intermediates,
        X509Certificate2Collection roots,
        DateTimeOffset now,
        [NotNullWhen(true)] out SpiffeId? id,
        out string why)
    {
        id = null;
        why = "no certificate was shown";
        if (certificate is null) return false;
        using var chain = TrustedChain.Of(certificate, intermediates, roots, now, out why);
        if (chain is null) return false;
        why = "it carries no SPIFFE id of the form spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT as its only name";
        if (!TryReadId(certificate, out id)) return false;
        why = "";
        return true;
    }

    /// <summary>SHA-256 of the certificate, lower-case hexadecimal: the name of a root in reports.</summary>
    public static string FingerprintOf(X509Certificate2 certificate) => Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
}
