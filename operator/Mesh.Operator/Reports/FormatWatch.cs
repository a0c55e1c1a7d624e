using System.Collections.Concurrent;
using Mesh.Operator.Core.Planning;
using Mesh.Operator.Core.Snapshot;
using Mesh.Operator.Sinks;

namespace Mesh.Operator.Reports;

/// <summary>
/// A pod's annotation says which format of configs its sidecar reads, as the injector took it to be. Where the sidecar says
/// otherwise (an image of its own, a stamp of someone else's), the annotation is put right, and the next plan goes by it.
/// </summary>
public sealed class FormatWatch(ReportBook reports, PodBumps bumps, ILogger<FormatWatch> log)
{
    private readonly ConcurrentDictionary<string, int> _told = new();

    /// <summary>Looks at the pods of a plan; called by one loop.</summary>
    public void Look(MeshPlan plan, MeshSnapshot snapshot, CancellationToken cancellationToken)
    {
        var heard = reports.Current;
        foreach (var gone in _told.Keys.Where(uid => !heard.ContainsKey(uid))) _told.TryRemove(gone, out _);
        foreach (var pod in plan.Pods.Values)
        {
            if (heard.GetValueOrDefault(pod.Uid)?.Report is not { FormatVersion: > 0 and var says } || snapshot.Workloads.GetValueOrDefault(pod.Pod) is not { } workload || workload.Uid != pod.Uid) continue;
            if (workload.Format == says)
            {
                _told.TryRemove(pod.Uid, out _);
                continue;
            }

            if (_told.GetValueOrDefault(pod.Uid) == says) continue;
            _told[pod.Uid] = says;
            _ = TellAsync(new EntityKey(pod.Pod.Namespace, pod.Pod.Name), pod.Uid, workload.Format, says, cancellationToken);
        }
    }

    private async Task TellAsync(EntityKey pod, string uid, int stamped, int says, CancellationToken cancellationToken)
    {
        try
        {
            await bumps.TellFormatAsync(pod, uid, says, cancellationToken);
            log.LogInformation("Pod {Pod}: its sidecar reads configs of format {Says}, not {Stamped}", pod, says, stamped);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The next leader sees the same.
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException)
        {
            _told.TryRemove(uid, out _);
            log.LogWarning("Pod {Pod}: that its sidecar reads format {Says} could not be written on it: {Why}", pod, says, e.Message);
        }
    }
}
