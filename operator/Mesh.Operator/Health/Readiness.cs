using Mesh.Operator.Webhooks;

namespace Mesh.Operator.Health;

/// <summary>Whether it makes sense to ask this replica: it knows the cluster, its webhooks stand and can be shown a certificate, and it is not ending.</summary>
public sealed class Readiness(MeshLoop loop, WebhookRegistration webhooks, WebhookCertificates certificates, Draining draining, OperatorOptions options, TimeProvider time)
{
    /// <summary>Why not; nothing when it is ready.</summary>
    public IEnumerable<string> Problems
    {
        get
        {
            if (draining.HasBegun) yield return "the operator is ending";
            if (!loop.IsSynced) yield return "the first lists are not complete";
            if (!options.Webhooks) yield break;
            if (!webhooks.IsRegistered) yield return "the webhooks are not registered";
            if (certificates.Serving is not { } serving || serving.NotAfter.ToUniversalTime() <= time.GetUtcNow().UtcDateTime) yield return "the webhooks have no valid certificate";
        }
    }
}
