using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>TLS that is ended where connections arrive: at a gateway, or at a sidecar for callers outside the mesh.</summary>
internal static class ServerTlsRules
{
    private const int MostCertificates = 2;

    private static readonly HashSet<string> Ciphers = new(StringComparer.Ordinal)
    {
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA",
        "ECDHE-PSK-AES128-CBC-SHA", "ECDHE-PSK-AES256-CBC-SHA", "ECDHE-PSK-CHACHA20-POLY1305", "PSK-AES128-CBC-SHA", "PSK-AES256-CBC-SHA", "DES-CBC3-SHA",
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    };

    /// <summary>The whole setting.</summary>
    public static void Check(FindingList found, string path, ServerTlsSettings? tls)
    {
        if (tls is null)
            return;
        CipherSuites(found, path + ".cipherSuites", tls.CipherSuites);
        switch (tls.Mode)
        {
            case "ISTIO_MUTUAL":
                foreach (var (field, value) in Given(tls))
                    found.Error($"{path}.{field}", value, "With ISTIO_MUTUAL the mesh's own certificates are used.", "Remove it, or use MUTUAL.");
                break;
            case "SIMPLE" or "MUTUAL" or "OPTIONAL_MUTUAL":
                Ended(found, path, tls);
                break;
            default:
                foreach (var (field, value) in Given(tls))
                    found.Warning($"{path}.{field}", value, $"With {tls.Mode ?? "PASSTHROUGH"} TLS is not ended here, so no certificate is used.", "Remove it, or use SIMPLE or MUTUAL.");
                break;
        }
    }

    /// <summary>Whether it names neither certificate nor anything else about TLS.</summary>
    public static bool NamesNothing(ServerTlsSettings tls) =>
        !Given(tls).Any() && tls is { SubjectAltNames.Count: 0, VerifyCertificateSpki.Count: 0, VerifyCertificateHash.Count: 0, CipherSuites.Count: 0, MinProtocolVersion: null, MaxProtocolVersion: null };

    private static IEnumerable<(string Field, string Value)> Given(ServerTlsSettings tls)
    {
        foreach (var (field, value) in new[]
        {
            ("serverCertificate", tls.ServerCertificate), ("privateKey", tls.PrivateKey), ("caCertificates", tls.CaCertificates), ("caCrl", tls.CaCrl),
            ("credentialName", tls.CredentialName), ("caCertCredentialName", tls.CaCertCredentialName),
        })
        {
            if (!string.IsNullOrEmpty(value))
                yield return (field, value);
        }

        if (tls.CredentialNames.Count > 0)
            yield return ("credentialNames", string.Join(", ", tls.CredentialNames));
        if (tls.TlsCertificates.Count > 0)
            yield return ("tlsCertificates", $"{tls.TlsCertificates.Count} certificates");
    }

    private static void Ended(FindingList found, string path, ServerTlsSettings tls)
    {
        var bySecret = !string.IsNullOrEmpty(tls.CredentialName) || tls.CredentialNames.Count > 0;
        var sources = new[] { !string.IsNullOrEmpty(tls.CredentialName), tls.CredentialNames.Count > 0, tls.TlsCertificates.Count > 0, !string.IsNullOrEmpty(tls.ServerCertificate) };
        if (sources.Count(given => given) > 1)
            found.Error(path, null, "Certificates come from one source.", "Keep one of credentialName, credentialNames, tlsCertificates and serverCertificate.");
        if (!string.IsNullOrEmpty(tls.CaCrl) && bySecret)
            found.Warning(path + ".caCrl", tls.CaCrl, "With a Secret, the list of revoked certificates stands in it; this one is not read.", "Put it into the Secret as ca.crl.");
        else if (!string.IsNullOrEmpty(tls.CaCrl) && tls.Mode == "SIMPLE")
            found.Error(path + ".caCrl", tls.CaCrl, "With SIMPLE callers show no certificate that could be revoked.", "Remove it, or use MUTUAL.");
        if (tls.CredentialNames.Count > MostCertificates)
            found.Warning(path + ".credentialNames", tls.CredentialNames.Count, $"At most {MostCertificates} certificates are used, one of each type.", "Keep two.");
        if (bySecret)
            return;
        if (tls.TlsCertificates.Count > 0)
            Certificates(found, path + ".tlsCertificates", tls.TlsCertificates);
        else
            Pair(found, path, tls.Mode!, tls.ServerCertificate, tls.PrivateKey);
        if (tls.Mode != "SIMPLE" && string.IsNullOrEmpty(tls.CaCertificates) && string.IsNullOrEmpty(tls.CaCertCredentialName))
            found.Error(path + ".caCertificates", null, $"{tls.Mode} needs the certificates that callers' are signed with.", "Add caCertificates, or credentialName.");
    }

    private static void Certificates(FindingList found, string path, IReadOnlyList<TlsCertificate> certificates)
    {
        if (certificates.Count > MostCertificates)
            found.Warning(path, certificates.Count, $"At most {MostCertificates} certificates are used, one of each type.", "Keep two.");
        for (var i = 0; i < certificates.Count; i++)
            Pair(found, $"{path}[{i}]", "Each entry", certificates[i].ServerCertificate, certificates[i].PrivateKey);
    }

    private static void Pair(FindingList found, string path, string who, string? certificate, string? key)
    {
        if (string.IsNullOrEmpty(certificate))
            found.Error(path + ".serverCertificate", null, $"{who} needs a certificate.", "Add serverCertificate and privateKey, or credentialName.");
        if (string.IsNullOrEmpty(key))
            found.Error(path + ".privateKey", null, $"{who} needs the key of its certificate.", "Add privateKey, or credentialName.");
    }

    private static void CipherSuites(FindingList found, string path, IReadOnlyList<string> suites)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < suites.Count; i++)
        {
            // ALL, -NAME and the like belong to the language such lists are written in.
            if (suites[i] == "ALL" || suites[i] is { Length: > 0 } suite && !char.IsAsciiLetterOrDigit(suite[0]))
                continue;
            if (!Ciphers.Contains(suites[i] ?? ""))
                found.Warning($"{path}[{i}]", suites[i], "There is no such cipher suite; it is left out.", "Write its OpenSSL name, such as ECDHE-ECDSA-AES128-GCM-SHA256.");
            else if (!seen.Add(suites[i]))
                found.Warning($"{path}[{i}]", suites[i], "This suite is listed already.", "Remove it.");
        }
    }
}
