namespace Mesh.Operator.Core.Identity;

/// <summary>Why a certificate is refused, one word each; they stand in the audit log, in metrics and in the refusal itself.</summary>
public static class IssueReason
{
    public const string RequestUnreadable = "request-unreadable";
    public const string KeyNotAccepted = "key-not-accepted";
    public const string KeyIsNotTheConnections = "key-is-not-the-connections";
    public const string PossessionNotProved = "possession-not-proved";
    public const string TokenNotAuthenticated = "token-not-authenticated";
    public const string TokenOfAnotherAudience = "token-of-another-audience";
    public const string TokenOfNoServiceAccount = "token-of-no-service-account";
    public const string TokenOfAnotherPod = "token-of-another-pod";
    public const string PodGone = "pod-gone";
    public const string ServiceAccountDiffers = "service-account-differs";
    public const string NodeDiffers = "node-differs";
}
