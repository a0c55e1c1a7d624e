using k8s.Models;
using Mesh.Local.Controllers;

namespace Mesh.Local;

/// <summary>Whether everything that should run does, and if not, what keeps it. Pure over the view.</summary>
internal static class Readiness
{
    /// <summary>Reasons that do not go away by waiting a little.</summary>
    private static readonly string[] Stuck = ["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "CreateContainerConfigError", "CrashLoopBackOff"];

    /// <param name="view">The cluster.</param>
    /// <param name="applied">What was just written.</param>
    /// <param name="problem">What keeps a pod's volumes from being made; a status has no place for it.</param>
    public static ReadinessReport Look(ClusterView view, IEnumerable<Manifest> applied, Func<V1Pod, string?> problem)
    {
        var pods = view.Pods.All.Where(p => p.Metadata.DeletionTimestamp is null).ToList();
        var unready = pods.Where(p => !PodTemplates.IsReady(p) && p.Status?.Phase != "Succeeded").ToList();
        var missing = view.Deployments.All
            .Where(d => d.Status?.ObservedGeneration != d.Metadata.Generation || (d.Status?.UpdatedReplicas ?? 0) < (d.Spec.Replicas ?? 1))
            .Select(d => $"deployment {d.Metadata.NamespaceProperty}/{d.Metadata.Name}: {d.Status?.UpdatedReplicas ?? 0} of {d.Spec.Replicas ?? 1} pods made")
            .Concat(applied.Where(m => !IsSeen(view, m)).Select(m => $"{m} has just been applied"))
            .ToList();
        return new ReadinessReport
        {
            Ready = pods.Count - unready.Count,
            All = pods.Count,
            Waiting = [.. missing, .. unready.Select(p => Why(p, problem(p)))],
            IsStuck = missing.Count == 0 && unready.Count > 0 && unready.All(p => problem(p) is not null || IsStuck(p)),
        };
    }

    /// <summary>The view may lag behind what was just written; what it does not show yet cannot be ready.</summary>
    private static bool IsSeen(ClusterView view, Manifest manifest)
    {
        var ns = manifest.Namespace ?? "default";
        return manifest.Kind switch
        {
            "Deployment" => view.Deployments.Find(ns, manifest.Name) is not null,
            "StatefulSet" => view.StatefulSets.Find(ns, manifest.Name) is not null,
            "DaemonSet" => view.DaemonSets.Find(ns, manifest.Name) is not null,
            "Job" => view.Jobs.Find(ns, manifest.Name) is not null,
            "Pod" => view.Pods.Find(ns, manifest.Name) is not null,
            "Service" => view.Services.Find(ns, manifest.Name) is not null,
            _ => true,
        };
    }

    private static string Why(V1Pod pod, string? problem)
    {
        var name = $"pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}";
        if (problem is not null) return $"{name}: {problem}";
        if (Statuses(pod).FirstOrDefault(c => c.State?.Waiting is { Message.Length: > 0 } or { Reason: not ("PodInitializing" or "ContainerCreating") }) is { } container)
            return $"{name}: container {container.Name}: {container.State.Waiting.Reason}: {container.State.Waiting.Message}{Last(container)}";
        if (Statuses(pod).FirstOrDefault(c => c.State?.Terminated is { ExitCode: not 0 }) is { } ended)
            return $"{name}: container {ended.Name} ended with {ended.State.Terminated.ExitCode}";
        return $"{name}: {pod.Status?.Conditions?.FirstOrDefault(c => c.Status != "True")?.Message ?? pod.Status?.Phase ?? "Pending"}";
    }

    private static string Last(V1ContainerStatus container) =>
        container.LastState?.Terminated is { } last ? $" (last exit {last.ExitCode}{(last.Message is null ? "" : ": " + last.Message)})" : "";

    private static bool IsStuck(V1Pod pod) =>
        pod.Status?.Phase == "Failed" || Statuses(pod).Any(c => Stuck.Contains(c.State?.Waiting?.Reason));

    private static IEnumerable<V1ContainerStatus> Statuses(V1Pod pod) =>
        (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []);
}
