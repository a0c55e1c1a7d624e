using Mesh.Operator.Core.Planning;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Reports;

/// <summary>Tells of sidecars that say they cannot renew their certificate, once for each thing they say.</summary>
public sealed class IdentityWatch(ReportBook reports, EventPublisher events, ILogger<IdentityWatch> log)
{
    private readonly Dictionary<string, string> _told = [];

    /// <summary>Looks at the pods of a plan; called by one loop.</summary>
    public void Look(MeshPlan plan, CancellationToken cancellationToken)
    {
        var heard = reports.Current;
        foreach (var gone in _told.Keys.Where(uid => !heard.ContainsKey(uid)).ToList()) _told.Remove(gone);
        foreach (var pod in plan.Pods.Values)
        {
            if (pod.IsTerminating || heard.GetValueOrDefault(pod.Uid)?.Report?.Identity is not { } identity) continue;
            if (identity.Failure.Length == 0)
            {
                _told.Remove(pod.Uid);
                continue;
            }

            // The first attempts of a pod that starts fail for reasons that pass.
            if (identity.SpiffeId.Length == 0 || _told.GetValueOrDefault(pod.Uid) == identity.Failure) continue;
            _told[pod.Uid] = identity.Failure;
            var message = $"The sidecar cannot renew its certificate since {identity.FailingSince:u}: {identity.Failure}. It keeps the present one until {identity.NotAfter:u}.";
            log.LogWarning("Pod {Pod}: {Message}", pod.Pod, message);
            var about = PodReference.Of(pod.Pod.Namespace, pod.Pod.Name, pod.Uid);
            _ = events.PublishAsync(about, "CertificateRenewalFailing", message, EventType.Warning, cancellationToken);
        }
    }
}
