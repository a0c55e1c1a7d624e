using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Sidecar.Connections;

/// <summary>Names in a certificate's subjectAltName (RFC 5280 section 4.2.1.6).</summary>
internal static class AlternativeNames
{
    private const string Oid = "2.5.29.17";
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag Dns = new(TagClass.ContextSpecific, 2);

    /// <summary>URIs, SPIFFE ids among them.</summary>
    public static IReadOnlyList<string> UrisOf(X509Certificate2 certificate) => Read(certificate, Uri);

    /// <summary>DNS names and URIs, for people.</summary>
    public static IReadOnlyList<string> AllOf(X509Certificate2 certificate) => [.. Read(certificate, Dns), .. Read(certificate, Uri)];

    private static List<string> Read(X509Certificate2 certificate, Asn1Tag kind)
    {
        var names = new List<string>();
        if (certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == Oid) is not { } found) return names;
        try
        {
            for (var list = new AsnReader(found.RawData, AsnEncodingRules.DER).ReadSequence(); list.HasData;)
            {
                if (list.PeekTag().HasSameClassAndValue(kind)) names.Add(list.ReadCharacterString(UniversalTagNumber.IA5String, kind));
                else list.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            // A certificate that cannot be read has the names that could be.
        }

        return names;
    }
}
