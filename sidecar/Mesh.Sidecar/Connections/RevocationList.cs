using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Sidecar.Connections;

/// <summary>
/// Certificates that are revoked, from a file with one or several lists (RFC 5280 section 5.1) in PEM. The file is as
/// trustworthy as the roots beside it, so the lists' own signatures are not asked.
/// </summary>
internal sealed class RevocationList
{
    private readonly HashSet<(string Issuer, BigInteger Serial)> revoked = [];

    /// <exception cref="CryptographicException">It is no list of revocations.</exception>
    public static RevocationList Parse(string pem)
    {
        var list = new RevocationList();
        var rest = pem.AsSpan();
        var any = false;
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is "X509 CRL")
            {
                any = true;
                list.Add(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            }

            rest = rest[fields.Location.End..];
        }

        return any ? list : throw new CryptographicException("the file holds no X509 CRL in PEM");
    }

    /// <summary>Whether its issuer took it back.</summary>
    public bool Has(X509Certificate2 certificate) =>
        revoked.Contains((Convert.ToHexString(certificate.IssuerName.RawData), new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true)));

    private void Add(byte[] der)
    {
        try
        {
            var list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence().ReadSequence();
            if (list.PeekTag() == Asn1Tag.Integer) list.ReadInteger(); // version
            list.ReadSequence(); // signature algorithm
            var issuer = Convert.ToHexString(list.ReadEncodedValue().Span);
            list.ReadEncodedValue(); // this update
            if (list.HasData && IsTime(list.PeekTag())) list.ReadEncodedValue(); // next update
            if (!list.HasData || list.PeekTag() != Asn1Tag.Sequence) return; // nobody is revoked
            for (var entries = list.ReadSequence(); entries.HasData;) revoked.Add((issuer, entries.ReadSequence().ReadInteger()));
        }
        catch (AsnContentException wrong)
        {
            throw new CryptographicException($"the list of revocations cannot be read: {wrong.Message}", wrong);
        }
    }

    private static bool IsTime(Asn1Tag tag) => tag.HasSameClassAndValue(Asn1Tag.UtcTime) || tag.HasSameClassAndValue(Asn1Tag.GeneralizedTime);
}
