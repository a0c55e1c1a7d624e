using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Credentials;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A policy's TLS -> what is spoken to the members.</summary>
internal static class TlsTranslator
{
    /// <summary>How a policy has clients speak mutual TLS of the mesh; settings without a mode mean none, as in Istio.</summary>
    public static ClientMutualTls MutualTls(ClientTlsSettings? tls, bool autoMutualTls) => tls switch
    {
        null => autoMutualTls ? ClientMutualTls.Auto : ClientMutualTls.Never,
        { Mode: "ISTIO_MUTUAL" } => ClientMutualTls.Always,
        _ => ClientMutualTls.Never,
    };

    /// <summary>TLS of its own kind; null where none is asked for.</summary>
    /// <param name="tls">As the policy has it.</param>
    /// <param name="credentials">What is known of a credential by its name; null where sidecars are given none.</param>
    public static TlsOrigination? Origination(ClientTlsSettings? tls, Func<string, UserCredential?>? credentials) => tls?.Mode is not ("SIMPLE" or "MUTUAL") ? null : new TlsOrigination
    {
        Sni = tls.Sni ?? "",
        SubjectAltNames = [.. tls.SubjectAltNames],
        RootsFile = tls.CaCertificates ?? "",
        RevocationsFile = tls.CaCrl ?? "",
        CertificateFile = tls.Mode == "MUTUAL" ? tls.ClientCertificate ?? "" : "",
        KeyFile = tls.Mode == "MUTUAL" ? tls.PrivateKey ?? "" : "",
        SkipVerification = tls.InsecureSkipVerify == true,
        Credential = CredentialTranslator.Translate(tls, credentials),
    };
}
