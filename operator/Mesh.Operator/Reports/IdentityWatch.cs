using Mesh.Operator.Core.Planning;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Reports;

/// <summary>Tells of sidecars that say they cannot renew their certificate, once for each thing they say, and once more when it has run out.</summary>
public sealed class IdentityWatch(ReportBook reports, EventPublisher events, Debounce changes, TimeProvider time, ILogger<IdentityWatch> log) : IDisposable
{
    private readonly Dictionary<string, (string Failure, bool IsExpired)> _told = [];
    private ITimer? _nextExpiry;

    public void Dispose() => _nextExpiry?.Dispose();

    /// <summary>Looks at the pods of a plan; called by one loop.</summary>
    public void Look(MeshPlan plan, CancellationToken cancellationToken)
    {
        var (heard, now) = (reports.Current, time.GetUtcNow());
        DateTimeOffset? next = null;
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
            if (identity.SpiffeId.Length == 0) continue;
            var isExpired = identity.NotAfter <= now;
            if (!isExpired && (next is null || identity.NotAfter < next)) next = identity.NotAfter;
            if (_told.TryGetValue(pod.Uid, out var told) && told == (identity.Failure, isExpired)) continue;
            _told[pod.Uid] = (identity.Failure, isExpired);
            var (reason, message) = isExpired
                ? ("CertificateExpired", $"The sidecar's certificate ran out at {identity.NotAfter:u} and it gets no other since {identity.FailingSince:u}: {identity.Failure}. Mutual TLS with this pod fails until it has a new one; mesh certs lists all that need one.")
                : ("CertificateRenewalFailing", $"The sidecar cannot renew its certificate since {identity.FailingSince:u}: {identity.Failure}. It keeps the present one until {identity.NotAfter:u}.");
            log.LogWarning("Pod {Pod}: {Message}", pod.Pod, message);
            var about = PodReference.Of(pod.Pod.Namespace, pod.Pod.Name, pod.Uid);
            _ = events.PublishAsync(about, reason, message, EventType.Warning, cancellationToken);
        }

        // Nobody reports that time has passed.
        _nextExpiry?.Dispose();
        _nextExpiry = next is { } at ? time.CreateTimer(_ => changes.Signal(), null, at - now + TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan) : null;
    }
}
