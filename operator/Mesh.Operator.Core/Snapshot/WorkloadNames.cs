using k8s.Models;

namespace Mesh.Operator.Core.Snapshot;

/// <summary>The name people know a pod's workload by: that of the Deployment or CronJob, not of the object in between.</summary>
internal static class WorkloadNames
{
    public static string Of(V1Pod pod)
    {
        var owner = pod.Metadata.OwnerReferences?.FirstOrDefault(reference => reference.Controller == true);
        if (owner is null) return pod.Metadata.Name;
        return owner.Kind switch
        {
            "ReplicaSet" => WithoutHash(owner.Name, pod.Metadata.Labels),
            "Job" => WithoutSchedule(owner.Name),
            _ => owner.Name,
        };
    }

    // A Deployment names its ReplicaSets NAME-HASH and puts the hash on the pods.
    private static string WithoutHash(string replicaSet, IDictionary<string, string>? labels)
    {
        if (labels is null || !labels.TryGetValue("pod-template-hash", out var hash)) return replicaSet;
        return hash.Length > 0 && replicaSet.EndsWith('-' + hash, StringComparison.Ordinal) ? replicaSet[..^(hash.Length + 1)] : replicaSet;
    }

    // A CronJob names its Jobs NAME-MINUTES, minutes since 1970: eight digits or more.
    private static string WithoutSchedule(string job)
    {
        var dash = job.LastIndexOf('-');
        return dash > 0 && job.Length - dash > 8 && job.AsSpan(dash + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? job[..dash] : job;
    }
}
