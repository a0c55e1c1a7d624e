using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Identity;

/// <summary>
/// Whether a certificate is issued, and in whose name. Each check stands on the ones before it: the request's key is that of
/// the connection, so the token that came over the connection speaks for the key; the token is the API server's word about
/// which pod it was given to. The name is made of the token alone.
/// </summary>
public static class IssuingChecks
{
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    public static IssueVerdict Judge(IssueQuestion question) => JudgeRequest(question) ?? JudgeToken(question.Token, question.Pod, question.TrustDomain);

    /// <summary>The part that needs nobody to be asked: null when nothing is wrong with the request itself.</summary>
    public static IssueVerdict? JudgeRequest(IssueQuestion question)
    {
        if (question.Request is not { } request)
            return IssueVerdict.No(IssueReason.RequestUnreadable, "the signing request is no PKCS#10 request in PEM");
        if (!request.IsKeyAccepted)
            return IssueVerdict.No(IssueReason.KeyNotAccepted, "the key is neither ECDSA P-256 or P-384 nor RSA of 2048 bits or more");
        if (!request.KeyBytes.Span.SequenceEqual(question.ConnectionKey.Span))
            return IssueVerdict.No(IssueReason.KeyIsNotTheConnections, "the key to be certified is not the key of this connection's TLS certificate");
        if (!request.IsSigned)
            return IssueVerdict.No(IssueReason.PossessionNotProved, "the signing request is not signed with its own key");
        return null;
    }

    /// <summary>The part that holds for sessions too: whose token this is, and that it is the token of the pod at hand.</summary>
    public static IssueVerdict JudgeToken(TokenVerdict token, Workload? pod, string trustDomain)
    {
        if (pod is null)
            return IssueVerdict.No(IssueReason.PodGone, "there is no such pod (any more, or not known here yet)");
        if (!token.IsAuthenticated)
            return IssueVerdict.No(IssueReason.TokenNotAuthenticated, $"the API server does not accept the token: {(token.Error.Length > 0 ? token.Error : "no reason given")}");
        if (!token.Audiences.Contains(WellKnown.TokenAudience))
            return IssueVerdict.No(IssueReason.TokenOfAnotherAudience, $"the token is not for the audience {WellKnown.TokenAudience}");
        if (ReadUser(token.Username) is not { } user)
            return IssueVerdict.No(IssueReason.TokenOfNoServiceAccount, $"the token is that of {token.Username}, which is no service account");
        if (token.PodUid.Length == 0 || token.PodUid != pod.Uid || token.PodName != pod.Key.Name || user.Namespace != pod.Key.Namespace)
            return IssueVerdict.No(IssueReason.TokenOfAnotherPod, token.PodUid.Length == 0
                ? "the token is bound to no pod"
                : $"the token is bound to pod {user.Namespace}/{token.PodName} (uid {token.PodUid}), not to {pod.Key} (uid {pod.Uid})");
        if (pod.IsTerminating || pod.IsFinished)
            return IssueVerdict.No(IssueReason.PodGone, $"pod {pod.Key} is {(pod.IsTerminating ? "being deleted" : "finished")}");
        if (user.Account != pod.ServiceAccount)
            return IssueVerdict.No(IssueReason.ServiceAccountDiffers, $"the token is that of service account {user.Account}, pod {pod.Key} runs as {pod.ServiceAccount}");
        if (token.NodeName.Length > 0 && token.NodeName != pod.NodeName)
            return IssueVerdict.No(IssueReason.NodeDiffers, $"the token was given to a pod on node {token.NodeName}, pod {pod.Key} is on {pod.NodeName}");
        return new IssueVerdict { Id = new SpiffeId(trustDomain, user.Namespace, user.Account) };
    }

    private static (string Namespace, string Account)? ReadUser(string username) =>
        username.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal)
        && username[ServiceAccountPrefix.Length..].Split(':') is [{ Length: > 0 } @namespace, { Length: > 0 } account]
            ? (@namespace, account)
            : null;
}
