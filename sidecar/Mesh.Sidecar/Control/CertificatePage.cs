using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Mesh.Config.Identity;
using Mesh.Sidecar.Identity;

namespace Mesh.Sidecar.Control;

/// <summary>/certs: the chain in force and the roots trusted, by names and dates. There is no key to be had here.</summary>
internal static class CertificatePage
{
    public static byte[] Write(IdentityState identity)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("chain");
            if (identity.Current is { } current)
            {
                Write(json, current.Certificate);
                foreach (var intermediate in current.Context.IntermediateCertificates) Write(json, intermediate);
            }

            json.WriteEndArray();
            json.WriteStartArray("roots");
            foreach (var root in identity.Trust?.Roots ?? []) Write(json, root);
            json.WriteEndArray();
            json.WriteString("operator", identity.Trust?.Operator.ToString() ?? "");
            json.WriteString("trustDomain", identity.Trust?.TrustDomain ?? "");
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter json, X509Certificate2 certificate)
    {
        json.WriteStartObject();
        json.WriteString("subject", certificate.Subject);
        if (SpiffeCertificates.TryReadId(certificate, out var id)) json.WriteString("spiffeId", id.ToString());
        json.WriteString("serial", certificate.SerialNumber);
        json.WriteString("fingerprint", SpiffeCertificates.FingerprintOf(certificate));
        json.WriteString("notBefore", certificate.NotBefore.ToUniversalTime());
        json.WriteString("notAfter", certificate.NotAfter.ToUniversalTime());
        json.WriteEndObject();
    }
}
