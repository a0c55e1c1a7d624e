using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers.Jobs;

/// <summary>Runs a Job's pods until enough have succeeded or too many have failed. A pod that failed is kept to be looked at.</summary>
internal sealed class JobController(ClusterView view, KubernetesApi api, ObjectEvents events, TimeProvider time, Action<EntityKey, TimeSpan> later)
{
    private const string Component = "job-controller";
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);

    private readonly Owned _owned = new();

    public void PodGone(V1Pod pod) => _owned.Gone(pod.Metadata.Uid);

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        if (view.Jobs.Find(key) is not { } job)
        {
            await ReleaseAsync(view.Pods.All.Where(pod => IsOf(pod, key)), cancellation);
            return;
        }

        if (JobStatus.End(job) is { } ended)
        {
            await ReleaseAsync(view.PodsOf(job.Metadata), cancellation);
            await ExpireAsync(job, ended, cancellation);
            return;
        }

        if (job.Metadata.DeletionTimestamp is not null) return;
        var pods = view.PodsOf(job.Metadata).ToList();
        var unseen = _owned.Unseen(job.Metadata.Uid, pods.Select(p => p.Metadata.Uid));
        var counts = JobCounts.Of(job, pods);
        var now = StatusPatch.Now(time);
        var end = JobStatus.Verdict(job, counts, now);
        if (end is not null || job.Spec.Suspend == true) await StopAsync(job, counts, cancellation);
        else await FillAsync(job, counts, unseen, now, cancellation);
        if (JobStatus.Patch(job, counts, end, now) is { } status)
        {
            await api.PatchAsync<V1Job>(EntityKey.Of(job.Metadata), StatusPatch.Of(job.Metadata, status), "status", cancellation);
            if (end is not null && counts.NotedSucceeded.IsEmpty && counts.NotedFailed.IsEmpty) events.Tell(ObjectEvent.About(job, end.Type == "Failed", end.Type == "Failed" ? end.Reason : "Completed", end.Type == "Failed" ? end.Message : "Job completed", Component));
        }

        // Noted in the status now, so they can be let go.
        await ReleaseAsync(counts.ToRelease, cancellation);
        if (job.Spec.ActiveDeadlineSeconds is { } seconds && job.Status?.StartTime is { } started) later(key, started.ToUniversalTime().AddSeconds(seconds) - now + TimeSpan.FromSeconds(1));
    }

    private async Task FillAsync(V1Job job, JobCounts counts, int unseen, DateTime now, CancellationToken cancellation)
    {
        var parallelism = job.Spec.Parallelism ?? 1;
        // Without a number of completions, the first success is the sign that there is no more work.
        var wanted = job.Spec.Completions is { } completions ? Math.Min(parallelism, completions - counts.AllSucceeded) : counts.AllSucceeded > 0 ? 0 : parallelism;
        var missing = wanted - counts.Active.Length - unseen;
        if (missing < 0 && unseen == 0)
        {
            foreach (var pod in counts.Active.Take(-missing)) await DeleteAsync(pod, cancellation);
        }

        if (missing <= 0) return;
        if (counts.AllFailed > 0 && counts.LastFailure is { } last)
        {
            var delay = TimeSpan.FromSeconds(Math.Min(LongestDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, counts.AllFailed - 1)));
            var left = last.ToUniversalTime() + delay - now;
            if (left > TimeSpan.Zero)
            {
                later(EntityKey.Of(job.Metadata), left);
                return;
            }
        }

        var indexes = job.Spec.CompletionMode == "Indexed" ? FreeIndexes(job, counts).Take(missing).Select(index => (int?)index) : Enumerable.Repeat<int?>(null, missing);
        foreach (var index in indexes.ToList()) await CreateAsync(job, index, cancellation);
    }

    private static IEnumerable<int> FreeIndexes(V1Job job, JobCounts counts)
    {
        var taken = counts.Active.Select(JobCounts.IndexOf).ToHashSet();
        return Enumerable.Range(0, job.Spec.Completions ?? 0).Where(index => !counts.CompletedIndexes.Contains(index) && !taken.Contains(index));
    }

    private async Task CreateAsync(V1Job job, int? index, CancellationToken cancellation)
    {
        var pod = PodTemplates.Pod(job.Spec.Template, job, "batch/v1", "Job");
        pod.Metadata.Finalizers = [.. pod.Metadata.Finalizers ?? [], JobCounts.Finalizer];
        if (index is { } number)
        {
            var text = number.ToString(CultureInfo.InvariantCulture);
            pod.Metadata.GenerateName = $"{job.Metadata.Name}-{text}-";
            pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>()) { [JobCounts.IndexAnnotation] = text };
            pod.Metadata.Annotations = new Dictionary<string, string>(pod.Metadata.Annotations ?? new Dictionary<string, string>()) { [JobCounts.IndexAnnotation] = text };
            pod.Spec.Hostname = $"{job.Metadata.Name}-{text}";
            foreach (var container in pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []))
                container.Env = [.. container.Env ?? [], new V1EnvVar { Name = "JOB_COMPLETION_INDEX", Value = text }];
        }

        var made = await api.CreateAsync(pod, cancellation);
        _owned.Made(job.Metadata.Uid, made.Metadata.Uid);
        events.Tell(ObjectEvent.About(job, false, "SuccessfulCreate", "Created pod: " + made.Metadata.Name, Component));
    }

    private async Task StopAsync(V1Job job, JobCounts counts, CancellationToken cancellation)
    {
        foreach (var pod in counts.Active)
        {
            await DeleteAsync(pod, cancellation);
            events.Tell(ObjectEvent.About(job, false, "SuccessfulDelete", "Deleted pod: " + pod.Metadata.Name, Component));
        }

        await ReleaseAsync(counts.Active, cancellation);
    }

    private async Task ExpireAsync(V1Job job, DateTime ended, CancellationToken cancellation)
    {
        if (job.Spec.TtlSecondsAfterFinished is not { } seconds || job.Metadata.DeletionTimestamp is not null) return;
        var left = ended.ToUniversalTime().AddSeconds(seconds) - time.GetUtcNow().UtcDateTime;
        if (left > TimeSpan.Zero) later(EntityKey.Of(job.Metadata), left);
        else await api.DeleteAsync<V1Job>(job.Metadata.Name, job.Metadata.NamespaceProperty, job.Metadata.Uid, cancellation);
    }

    private async Task ReleaseAsync(IEnumerable<V1Pod> pods, CancellationToken cancellation)
    {
        foreach (var pod in pods.Where(JobCounts.IsHeld).ToList())
        {
            var rest = pod.Metadata.Finalizers.Where(name => name != JobCounts.Finalizer).Select(name => (JsonNode)name).ToArray();
            try
            {
                await api.PatchAsync<V1Pod>(EntityKey.Of(pod.Metadata), new JsonObject
                {
                    ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid, ["finalizers"] = rest.Length == 0 ? null : new JsonArray(rest) },
                }.ToJsonString(), null, cancellation);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // It is gone, finalizer and all.
            }
        }
    }

    private Task DeleteAsync(V1Pod pod, CancellationToken cancellation) =>
        api.DeleteAsync<V1Pod>(pod.Metadata.Name, pod.Metadata.NamespaceProperty, pod.Metadata.Uid, cancellation);

    private static bool IsOf(V1Pod pod, EntityKey job) => pod.Metadata.NamespaceProperty == job.Namespace
        && pod.Metadata.OwnerReferences?.Any(owner => owner is { Controller: true, Kind: "Job" } && owner.Name == job.Name) == true;
}
