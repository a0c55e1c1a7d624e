using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>Runs a Job's pods until enough have succeeded or too many have failed. A pod that failed is kept to be looked at.</summary>
internal sealed class JobController(ClusterView view, KubernetesApi api, TimeProvider time)
{
    private readonly Owned _owned = new();

    public void PodGone(V1Pod pod) => _owned.Gone(pod.Metadata.Uid);

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.Jobs.Find(key) is not { Metadata.DeletionTimestamp: null } job) return;
        if (job.Status?.Conditions?.Any(c => c.Type is "Complete" or "Failed" && c.Status == "True") == true) return;
        var pods = view.PodsOf(job.Metadata).ToList();
        var unseen = _owned.Unseen(job.Metadata.Uid, pods.Select(p => p.Metadata.Uid));
        var succeeded = pods.Count(p => p.Status?.Phase == "Succeeded");
        var failed = pods.Count(p => p.Status?.Phase == "Failed");
        var active = pods.Where(p => !PodTemplates.IsFinished(p) && p.Metadata.DeletionTimestamp is null).ToList();
        var wanted = job.Spec.Completions ?? (job.Spec.Parallelism ?? 1);
        var isFailed = failed > (job.Spec.BackoffLimit ?? 6);
        var isComplete = succeeded >= wanted;
        if (!isFailed && !isComplete && job.Spec.Suspend != true)
        {
            var missing = Math.Min(job.Spec.Parallelism ?? 1, wanted - succeeded) - active.Count - unseen;
            for (var i = 0; i < missing; i++) await CreateAsync(job, cancellation);
        }
        else
        {
            foreach (var pod in active) await api.DeleteAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Uid, cancellation);
        }

        await StatusAsync(job, active, succeeded, failed, isComplete, isFailed, cancellation);
    }

    private async Task CreateAsync(V1Job job, CancellationToken cancellation)
    {
        var pod = PodTemplates.Pod(job.Spec.Template, job, "batch/v1", "Job");
        pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>())
        {
            ["job-name"] = job.Metadata.Name,
            ["batch.kubernetes.io/job-name"] = job.Metadata.Name,
            ["batch.kubernetes.io/controller-uid"] = job.Metadata.Uid,
        };
        var made = await api.CreateAsync(pod, cancellation);
        _owned.Made(job.Metadata.Uid, made.Metadata.Uid);
    }

    private async Task StatusAsync(V1Job job, List<V1Pod> active, int succeeded, int failed, bool isComplete, bool isFailed, CancellationToken cancellation)
    {
        var ready = active.Count(PodTemplates.IsReady);
        var before = job.Status;
        if (before?.StartTime is not null && (before.Active ?? 0) == active.Count && (before.Succeeded ?? 0) == succeeded && (before.Failed ?? 0) == failed
            && (before.Ready ?? 0) == ready && !isComplete && !isFailed) return;
        var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var status = new JsonObject { ["active"] = active.Count, ["succeeded"] = succeeded, ["failed"] = failed, ["ready"] = ready };
        if (before?.StartTime is null) status["startTime"] = now;
        if (isComplete) status["completionTime"] = now;
        if (isComplete || isFailed)
        {
            status["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = isComplete ? "Complete" : "Failed",
                ["status"] = "True",
                ["reason"] = isComplete ? "CompletionsReached" : "BackoffLimitExceeded",
                ["message"] = isComplete ? "Reached expected number of succeeded pods" : "Job has reached the specified backoff limit",
                ["lastProbeTime"] = now,
                ["lastTransitionTime"] = now,
            });
        }

        await api.PatchAsync<V1Job>(EntityKey.Of(job.Metadata), new JsonObject { ["status"] = status }.ToJsonString(), "status", cancellation);
    }
}
