using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;

namespace Mesh.Local.Controllers.Jobs;

/// <summary>What a Job's status is to say. Pure.</summary>
internal static class JobStatus
{
    /// <summary>When it ended; null while it goes on.</summary>
    public static DateTime? End(V1Job job) =>
        (job.Status?.Conditions ?? []).FirstOrDefault(condition => condition.Type is "Complete" or "Failed" && condition.Status == "True")?.LastTransitionTime;

    public static JobVerdict? Verdict(V1Job job, JobCounts counts, DateTime now)
    {
        if (counts.AllFailed > (job.Spec.BackoffLimit ?? 6)) return new JobVerdict("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        if (job.Spec.ActiveDeadlineSeconds is { } seconds && job.Status?.StartTime is { } started && started.ToUniversalTime().AddSeconds(seconds) <= now)
            return new JobVerdict("Failed", "DeadlineExceeded", "Job was active longer than specified deadline");
        var isDone = job.Spec.Completions is { } completions ? counts.AllSucceeded >= completions : counts.AllSucceeded > 0 && counts.Active.IsEmpty;
        return isDone ? new JobVerdict("Complete", "CompletionsReached", "Reached expected number of succeeded pods") : null;
    }

    /// <summary>Null when it says so already.</summary>
    public static JsonObject? Patch(V1Job job, JobCounts counts, JobVerdict? end, DateTime now)
    {
        var before = job.Status;
        var suspended = job.Spec.Suspend == true;
        // The end is only told when every pod that ended is counted.
        var ends = end is not null && counts.NotedSucceeded.IsEmpty && counts.NotedFailed.IsEmpty;
        var conditions = Conditions(job, suspended, ends ? end : null, now);
        var active = end is null && !suspended ? counts.Active.Length : 0;
        var patch = new JsonObject
        {
            ["active"] = StatusPatch.Count(active),
            ["ready"] = end is null && !suspended ? counts.Ready : 0,
            ["succeeded"] = StatusPatch.Count(counts.Succeeded),
            ["failed"] = StatusPatch.Count(counts.Failed),
            ["terminating"] = counts.Terminating + (end is null && !suspended ? 0 : counts.Active.Length),
            ["startTime"] = suspended ? null : StatusPatch.Time(before?.StartTime ?? now),
            ["completionTime"] = ends && end!.Type == "Complete" ? StatusPatch.Time(now) : null,
            ["completedIndexes"] = job.Spec.CompletionMode == "Indexed" && !counts.CompletedIndexes.IsEmpty ? JobCounts.Compressed(counts.CompletedIndexes) : null,
            ["uncountedTerminatedPods"] = new JsonObject { ["succeeded"] = Uids(counts.NotedSucceeded), ["failed"] = Uids(counts.NotedFailed) },
            ["conditions"] = conditions,
        };
        var isSame = before is not null && (before.Active ?? 0) == active && (before.Ready ?? 0) == patch["ready"]!.GetValue<int>()
            && (before.Succeeded ?? 0) == counts.Succeeded && (before.Failed ?? 0) == counts.Failed && (before.Terminating ?? 0) == patch["terminating"]!.GetValue<int>()
            && before.StartTime is null == suspended && !ends && before.UncountedTerminatedPods is not null
            && (before.UncountedTerminatedPods.Succeeded?.Count ?? 0) == counts.NotedSucceeded.Length && (before.UncountedTerminatedPods.Failed?.Count ?? 0) == counts.NotedFailed.Length
            && (before.Conditions?.Count ?? 0) == (conditions?.Count ?? 0) && IsSuspended(before) == suspended;
        return isSame ? null : patch;
    }

    private static JsonArray? Conditions(V1Job job, bool suspended, JobVerdict? end, DateTime now)
    {
        var kept = (job.Status?.Conditions ?? []).Where(condition => condition.Type != "Suspended" && end?.Type != condition.Type)
            .Select(condition => Json(condition.Type, condition.Status, condition.Reason, condition.Message, condition.LastTransitionTime ?? now)).ToList();
        var known = job.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Suspended");
        if (suspended) kept.Add(Json("Suspended", "True", "JobSuspended", "Job suspended", known?.Status == "True" ? known.LastTransitionTime ?? now : now));
        else if (known is not null) kept.Add(Json("Suspended", "False", "JobResumed", "Job resumed", known.Status == "False" ? known.LastTransitionTime ?? now : now));
        if (end is not null)
        {
            kept.Add(Json(end.Type == "Complete" ? "SuccessCriteriaMet" : "FailureTarget", "True", end.Reason, end.Message, now));
            kept.Add(Json(end.Type, "True", end.Reason, end.Message, now));
        }

        return kept.Count == 0 ? null : new JsonArray([.. kept]);
    }

    private static bool IsSuspended(V1JobStatus status) => status.Conditions?.Any(condition => condition.Type == "Suspended" && condition.Status == "True") == true;

    private static JsonArray? Uids(ImmutableArray<string> uids) => uids.IsEmpty ? null : new JsonArray([.. uids.Select(uid => (JsonNode)uid)]);

    private static JsonNode Json(string type, string status, string? reason, string? message, DateTime since) => new JsonObject
    {
        ["type"] = type,
        ["status"] = status,
        ["lastProbeTime"] = StatusPatch.Time(since),
        ["lastTransitionTime"] = StatusPatch.Time(since),
        ["reason"] = reason,
        ["message"] = message,
    };
}
