using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>What an attacker may show: certificate and key as PEM, for openssl in a pod; both null shows none.</summary>
internal sealed record Papers(string? Certificate, string? Key)
{
    public static Papers None { get; } = new(null, null);

    public static Papers Of(X509Certificate2 certificate) => new(certificate.ExportCertificatePem(), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());

    /// <summary>Vouched for by nobody but itself.</summary>
    public static Papers SelfSigned(string id)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(id));
        request.CertificateExtensions.Add(names.Build(critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1));
        return Of(certificate);
    }

    /// <summary>The mesh's own authority, in the hands of somebody who may read the operator's Secrets: the cluster's administrator.</summary>
    public static TestAuthority Root(LocalMesh mesh) => Root(mesh.Get("secret/mesh-ca", "-n", "mesh-system"));

    /// <summary>The same, from the Secret.</summary>
    public static TestAuthority Root(JsonNode secret)
    {
        var values = secret["data"]!.AsObject()
            .Select(pair => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(pair.Value!.GetValue<string>()))).ToList();
        return TestAuthority.Stolen(
            values.First(text => text.StartsWith("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal)),
            values.First(text => text.Contains("PRIVATE KEY-----", StringComparison.Ordinal)));
    }
}
