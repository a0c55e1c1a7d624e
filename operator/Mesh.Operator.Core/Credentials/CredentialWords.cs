using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Credentials;

/// <summary>What there is to say of a Secret that cannot be handed over.</summary>
internal sealed class CredentialWords(ObjectKey key, CredentialRights rights)
{
    private const string Bring = "Put certificate and key of PEM files into it: kubectl create secret generic";

    public CredentialProblem Forbidden() => new(
        FindingCodes.CredentialForbidden, ConditionReasons.CredentialForbidden,
        $"The operator may not read Secret {key}, which sidecars of this namespace are to use: it has no right to Secrets that nobody gave it.", $"{rights.ToRead(key.Namespace, key.Name)}");

    public CredentialProblem Absent() => new(
        FindingCodes.ReferencedResourceNotFound, ConditionReasons.CredentialNotFound,
        $"There is no Secret {key}; for sidecars it stands in their own namespace.", $"kubectl create secret generic -n {key.Namespace} {key.Name} --from-file=tls.crt=… --from-file=tls.key=… --from-file=ca.crt=…");

    public CredentialProblem Lacks(V1Secret secret, string wanted, string meaning) => new(
        FindingCodes.InvalidCredential, ConditionReasons.InvalidCredential,
        $"Secret {key} has no {wanted}, {meaning}; it has {(secret.Data is { Count: > 0 } data ? string.Join(", ", data.Keys.Order(StringComparer.Ordinal).Take(5)) : "nothing")}.",
        $"{Bring} -n {key.Namespace} {key.Name} --from-file=tls.crt=… --from-file=tls.key=… --from-file=ca.crt=…, or name a Secret that has them.");

    public CredentialProblem NoTrust(bool isForbidden) => new(
        isForbidden ? FindingCodes.CredentialForbidden : FindingCodes.InvalidCredential, isForbidden ? ConditionReasons.CredentialForbidden : ConditionReasons.InvalidCredential,
        $"Secret {key} has no ca.crt (or cacert), by which the server is verified, and {(isForbidden ? $"the operator may not read {key}{CredentialReader.TrustSuffix}" : $"there is no {key}{CredentialReader.TrustSuffix} that has it")}.",
        $"Add ca.crt to it{(isForbidden ? $", or {rights.ToRead(key.Namespace, key.Name)}" : $", or kubectl create secret generic -n {key.Namespace} {key.Name}{CredentialReader.TrustSuffix} --from-file=ca.crt=…")}.");

    public CredentialProblem Wrong(string what, string remedy, V1Secret? source = null) => new(
        FindingCodes.InvalidCredential, ConditionReasons.InvalidCredential, $"Secret {key.Namespace}/{source?.Metadata?.Name ?? key.Name} cannot be used: {what}.", remedy);
}
