using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>TLS of connections to a service.</summary>
internal static class ClientTlsRules
{
    /// <summary>The whole setting; the code of the warning about missing CA certificates depends on where it stands.</summary>
    public static void Check(FindingList found, string path, ClientTlsSettings? tls, string noVerificationCode)
    {
        if (tls is null)
            return;
        if (tls.Mode is { } mode and not ("DISABLE" or "SIMPLE" or "MUTUAL" or "ISTIO_MUTUAL"))
            found.Error(path + ".mode", mode, "There is no such mode.", "Write DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL.");
        if (tls.InsecureSkipVerify is true)
            Unverified(found, path, tls);
        if (tls.Mode is "SIMPLE" or "MUTUAL")
            Certificates(found, path, tls, noVerificationCode);
        else if (tls.Mode is "ISTIO_MUTUAL" && new[] { tls.ClientCertificate, tls.PrivateKey, tls.CaCertificates, tls.CredentialName }.Any(Given))
            found.Warning(path, null, "With ISTIO_MUTUAL the mesh's own certificates are used; those given here are ignored.", "Remove them, or use MUTUAL.");
        if (Given(tls.CaCrl) && !Given(tls.CaCertificates))
            found.Error(path + ".caCrl", tls.CaCrl, "A list of revoked certificates needs the CA certificates it belongs to.", "Add caCertificates, or put the list into the Secret of credentialName.");
    }

    private static void Unverified(FindingList found, string path, ClientTlsSettings tls)
    {
        const string Message = "The service's certificate is not verified, so this has no place.";
        const string Remedy = "Remove it, or insecureSkipVerify.";
        if (tls.Mode is "SIMPLE" or "MUTUAL" && Given(tls.CaCertificates))
            found.Error(path + ".caCertificates", tls.CaCertificates, Message, Remedy);
        if (tls.Mode is "SIMPLE" && Given(tls.CredentialName))
            found.Error(path + ".credentialName", tls.CredentialName, Message, Remedy);
        if (tls.Mode is "SIMPLE" or "MUTUAL" && tls.SubjectAltNames.Count > 0)
            found.Error(path + ".subjectAltNames", string.Join(", ", tls.SubjectAltNames), Message, Remedy);
    }

    private static void Certificates(FindingList found, string path, ClientTlsSettings tls, string noVerificationCode)
    {
        if (Given(tls.CredentialName))
        {
            if (Given(tls.ClientCertificate) || Given(tls.PrivateKey) || Given(tls.CaCertificates))
                found.Error(path + ".credentialName", tls.CredentialName, "Certificates come from a Secret or from files, not both.", "Remove credentialName, or clientCertificate, privateKey and caCertificates.");
            return;
        }

        if (tls.Mode is "MUTUAL" && !Given(tls.ClientCertificate))
            found.Error(path + ".clientCertificate", null, "MUTUAL needs a client certificate.", "Add clientCertificate and privateKey, or credentialName.");
        if (tls.Mode is "MUTUAL" && !Given(tls.PrivateKey))
            found.Error(path + ".privateKey", null, "MUTUAL needs the key of the client certificate.", "Add privateKey, or credentialName.");
        if (!Given(tls.CaCertificates) && tls.InsecureSkipVerify is not true)
            found.Warning(path + ".caCertificates", null, "No CA is named, so any certificate that the system's roots have signed is taken.", "Add caCertificates or credentialName if the service has a CA of its own.", noVerificationCode);
    }

    private static bool Given(string? text) => !string.IsNullOrEmpty(text);
}
