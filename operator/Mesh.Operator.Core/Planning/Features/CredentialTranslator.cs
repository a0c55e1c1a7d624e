using Mesh.Api.Networking;
using Mesh.Config;
using Mesh.Operator.Core.Credentials;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A credential that TLS names -> the file that a sidecar takes it from. One that cannot be handed over is named all the same: connections fail rather than go without what was asked for.</summary>
internal static class CredentialTranslator
{
    /// <summary>Null where no credential is named.</summary>
    /// <param name="tls">As the policy has it.</param>
    /// <param name="credentials">What is known of a credential by its name; null where sidecars are given none.</param>
    public static CredentialRef? Translate(ClientTlsSettings tls, Func<string, UserCredential?>? credentials)
    {
        if (string.IsNullOrEmpty(tls.CredentialName)) return null;
        var file = tls.Mode == "MUTUAL" ? tls.CredentialName : tls.CredentialName + CredentialRef.TrustOnly;
        if (credentials is null) return new CredentialRef(file, "") { Why = "without workloadSelector its DestinationRule's Secret is for gateways only" };
        if (credentials(tls.CredentialName) is not { } known) return new CredentialRef(file, "");
        return ProblemOf(tls, known) is { } problem ? new CredentialRef(file, "") { Why = problem.Message.TrimEnd('.') } : new CredentialRef(file, (tls.Mode == "MUTUAL" ? known.Pair : known.Trust).Sha256);
    }

    /// <summary>Why it cannot be used for this; null where it can.</summary>
    public static CredentialProblem? ProblemOf(ClientTlsSettings tls, UserCredential known) =>
        (tls.Mode == "MUTUAL" ? known.Pair.Problem : null) ?? (tls.InsecureSkipVerify == true ? null : known.Trust.Problem);
}
