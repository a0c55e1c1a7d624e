using k8s.Models;

namespace Mesh.Local.Controllers.Scheduling;

/// <summary>Taints of nodes and what pods tolerate of them. Pure.</summary>
internal static class Taints
{
    public const string Unschedulable = "node.kubernetes.io/unschedulable";
    public const string NotReady = "node.kubernetes.io/not-ready";
    public const string Unreachable = "node.kubernetes.io/unreachable";
    public const string NoSchedule = "NoSchedule";
    public const string NoExecute = "NoExecute";

    /// <summary>The first taint that keeps a pod away; a cordoned node has one even before it is written down.</summary>
    public static V1Taint? Repelling(V1PodSpec pod, V1Node node)
    {
        var taints = node.Spec?.Taints ?? [];
        var all = node.Spec?.Unschedulable == true ? taints.Append(new V1Taint { Key = Unschedulable, Effect = NoSchedule }) : taints;
        return all.FirstOrDefault(taint => taint.Effect is NoSchedule or NoExecute && Tolerating(pod, taint) is null);
    }

    public static V1Toleration? Tolerating(V1PodSpec pod, V1Taint taint) => (pod.Tolerations ?? []).FirstOrDefault(toleration =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (string.IsNullOrEmpty(toleration.Key) ? toleration.OperatorProperty == "Exists" : toleration.Key == taint.Key)
        && (toleration.OperatorProperty == "Exists" || (toleration.Value ?? "") == (taint.Value ?? "")));

    /// <summary>How long a pod may stay on a node with such taints: not at all, for a time, or (null) for ever.</summary>
    public static TimeSpan? Stay(V1PodSpec pod, IEnumerable<V1Taint> taints)
    {
        TimeSpan? shortest = null;
        foreach (var taint in taints.Where(taint => taint.Effect == NoExecute))
        {
            if (Tolerating(pod, taint) is not { } toleration) return TimeSpan.Zero;
            if (toleration.TolerationSeconds is not { } seconds) continue;
            var stay = TimeSpan.FromSeconds(Math.Max(0, seconds));
            if (shortest is null || stay < shortest) shortest = stay;
        }

        return shortest;
    }
}
