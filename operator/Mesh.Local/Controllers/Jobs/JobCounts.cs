using System.Collections.Immutable;
using System.Globalization;
using k8s.Models;

namespace Mesh.Local.Controllers.Jobs;

/// <summary>
/// How a Job stands, from its status and its pods. A pod that ended is counted once: it is noted as ended, then let go (its
/// finalizer taken off), then counted for good; so none is lost or counted twice, whoever deletes it when. Pure.
/// </summary>
internal sealed record JobCounts
{
    public const string Finalizer = "batch.kubernetes.io/job-tracking";
    public const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";

    public required ImmutableArray<V1Pod> Active { get; init; }

    /// <summary>Ended and noted, not yet let go.</summary>
    public required ImmutableArray<V1Pod> ToRelease { get; init; }

    /// <summary>Pods noted in the status that are to be noted there still.</summary>
    public required ImmutableArray<string> NotedSucceeded { get; init; }

    public required ImmutableArray<string> NotedFailed { get; init; }

    public required int Succeeded { get; init; }

    public required int Failed { get; init; }

    public required ImmutableSortedSet<int> CompletedIndexes { get; init; }

    public int Ready => Active.Count(PodTemplates.IsReady);

    public int Terminating { get; init; }

    /// <summary>With those noted.</summary>
    public int AllSucceeded => Succeeded + NotedSucceeded.Length;

    public int AllFailed => Failed + NotedFailed.Length;

    public DateTime? LastFailure { get; init; }

    public static JobCounts Of(V1Job job, IEnumerable<V1Pod> all)
    {
        var pods = all.ToList();
        var noted = job.Status?.UncountedTerminatedPods;
        var held = pods.Where(IsHeld).ToDictionary(pod => pod.Metadata.Uid);
        var ended = held.Values.Where(PodTemplates.IsFinished).ToList();
        var succeeded = Noted(noted?.Succeeded, ended, "Succeeded");
        var failed = Noted(noted?.Failed, ended, "Failed");
        return new JobCounts
        {
            Active = [.. pods.Where(pod => !PodTemplates.IsFinished(pod) && !PodTemplates.IsTerminating(pod))],
            Terminating = pods.Count(pod => !PodTemplates.IsFinished(pod) && PodTemplates.IsTerminating(pod)),
            // One that never came to a node has nobody who would say that it ended.
            ToRelease = [.. ended, .. held.Values.Where(pod => !PodTemplates.IsFinished(pod) && PodTemplates.IsTerminating(pod) && string.IsNullOrEmpty(pod.Spec.NodeName))],
            NotedSucceeded = [.. succeeded.Where(held.ContainsKey)],
            NotedFailed = [.. failed.Where(held.ContainsKey)],
            Succeeded = (job.Status?.Succeeded ?? 0) + succeeded.Count(uid => !held.ContainsKey(uid)),
            Failed = (job.Status?.Failed ?? 0) + failed.Count(uid => !held.ContainsKey(uid)),
            CompletedIndexes = [.. Indexes(job.Status?.CompletedIndexes), .. ended.Where(pod => pod.Status.Phase == "Succeeded").Select(IndexOf).OfType<int>()],
            LastFailure = pods.Where(pod => pod.Status?.Phase == "Failed").Select(Ended).Max(),
        };
    }

    public static bool IsHeld(V1Pod pod) => pod.Metadata.Finalizers?.Contains(Finalizer) == true;

    public static int? IndexOf(V1Pod pod) =>
        pod.Metadata.Annotations?.TryGetValue(IndexAnnotation, out var text) == true && int.TryParse(text, CultureInfo.InvariantCulture, out var index) ? index : null;

    /// <summary>"1,3-5,7".</summary>
    public static string Compressed(ImmutableSortedSet<int> indexes)
    {
        var runs = indexes.Select((value, place) => (value, run: value - place)).GroupBy(pair => pair.run, pair => pair.value)
            .Select(run => (First: run.First(), Last: run.Last()));
        return string.Join(',', runs.Select(run => run.First == run.Last ? $"{run.First}" : run.Last == run.First + 1 ? $"{run.First},{run.Last}" : $"{run.First}-{run.Last}"));
    }

    private static IEnumerable<int> Indexes(string? text)
    {
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            for (var i = ends[0]; i <= ends[^1]; i++) yield return i;
        }
    }

    private static List<string> Noted(IList<string>? before, List<V1Pod> ended, string phase) =>
        [.. (before ?? []).Union(ended.Where(pod => pod.Status.Phase == phase).Select(pod => pod.Metadata.Uid))];

    private static DateTime? Ended(V1Pod pod) =>
        (pod.Status?.ContainerStatuses ?? []).Select(status => status.State?.Terminated?.FinishedAt).Max() ?? pod.Metadata.CreationTimestamp;
}
