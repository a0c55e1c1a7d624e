using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Mesh.Operator.Core.Identity;

/// <summary>The subject alternative name with one URI: what SPIFFE asks for.</summary>
internal static class UriName
{
    private const string Oid = "2.5.29.17";

    // RFC 5280 section 4.2.1.6: uniformResourceIdentifier [6] IA5String.
    private static readonly Asn1Tag Tag = new(TagClass.ContextSpecific, 6);

    public static X509Extension Extension(string uri, bool critical)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, Tag);
        return new X509Extension(Oid, writer.Encode(), critical);
    }
}
