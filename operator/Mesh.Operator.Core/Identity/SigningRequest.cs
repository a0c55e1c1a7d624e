using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Operator.Core.Identity;

/// <summary>A PKCS#10 request, read. Its key is what is taken from it; what else it asks for is only told to the audit log.</summary>
public sealed record SigningRequest
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const int SmallestRsaKey = 2048;

    public required PublicKey Key { get; init; }

    /// <summary>The key as it stands in certificates (SubjectPublicKeyInfo).</summary>
    public required ReadOnlyMemory<byte> KeyBytes { get; init; }

    /// <summary>Its signature was made with its key.</summary>
    public required bool IsSigned { get; init; }

    /// <summary>Names it asks for, for people; empty when it asks for none.</summary>
    public required string Asked { get; init; }

    /// <summary>The key is of a kind that is certified.</summary>
    public bool IsKeyAccepted
    {
        get
        {
            using var curve = Key.GetECDsaPublicKey();
            if (curve is not null) return curve.KeySize is 256 or 384;
            using var rsa = Key.GetRSAPublicKey();
            return rsa is not null && rsa.KeySize >= SmallestRsaKey;
        }
    }

    /// <summary>Null when the text is no request.</summary>
    public static SigningRequest? Read(string pem)
    {
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, Unverified, RSASignaturePadding.Pkcs1);
            return new SigningRequest { Key = request.PublicKey, KeyBytes = request.PublicKey.ExportSubjectPublicKeyInfo(), IsSigned = IsVerified(pem), Asked = AskedBy(request) };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or AsnContentException)
        {
            return null;
        }
    }

    private const CertificateRequestLoadOptions Unverified = CertificateRequestLoadOptions.SkipSignatureValidation | CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions;

    private static bool IsVerified(string pem)
    {
        try
        {
            CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default, RSASignaturePadding.Pkcs1);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    // A name of the requester's making goes into a log: only printable characters, and not many.
    private static string AskedBy(CertificateRequest request)
    {
        var names = new List<string>();
        if (request.SubjectName.Name.Length > 0) names.Add(request.SubjectName.Name);
        foreach (var extension in request.CertificateExtensions)
            if (extension.Oid?.Value == SubjectAlternativeName) names.AddRange(NamesIn(extension.RawData));
        var text = string.Join(", ", names);
        return string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?').Take(500));
    }

    private static IEnumerable<string> NamesIn(byte[] bytes)
    {
        var names = new AsnReader(bytes, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            // RFC 5280: 1 rfc822Name, 2 dNSName, 6 uniformResourceIdentifier are text; the others are told by number.
            if (tag is { TagClass: TagClass.ContextSpecific, TagValue: 1 or 2 or 6 })
                yield return names.ReadCharacterString(UniversalTagNumber.IA5String, tag);
            else
                yield return $"name of kind {tag.TagValue} ({Convert.ToHexStringLower(names.ReadEncodedValue().Span)})";
        }
    }
}
