using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>
/// Namespaces that ask for no sidecar (IST0102) or ask in several ways (IST0123), and pods that should have one and have
/// none (IST0103).
/// </summary>
internal sealed class InjectionMarks : IAnalyser
{
    /// <summary>Label by which Istio's mode without sidecars is asked for.</summary>
    public const string DataplaneMode = "istio.io/dataplane-mode";

    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var namespaces = mesh.Objects.Of<V1Namespace>().Where(space => !SystemNamespaces.Contains(space.Metadata.Name)).ToList();
        var asking = namespaces.Where(space => Marks(space).Count == 1 && Marks(space)[0] != DataplaneMode).Select(space => space.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        return namespaces.Select(Of).OfType<Finding>().Concat(mesh.Objects.Of<V1Pod>().Where(pod => asking.Contains(pod.Metadata.NamespaceProperty) && LacksProxy(pod)).Select(Missing));
    }

    private static Finding? Of(V1Namespace space)
    {
        var marks = Marks(space);
        if (marks.Count > 1)
            return Found.Warning(FindingCodes.NamespaceMultipleInjectionLabels, Found.Name(space), "metadata.labels", string.Join(", ", marks),
                $"The namespace asks in {marks.Count} ways for a place in the mesh, and only one of them counts: {MeshLabels.Injection}, then {MeshLabels.Revision}.", $"Keep {marks[0]} and remove the rest.");
        if (marks.Count == 1 || Value(space, MeshLabels.Injection) is not null) return null;
        return Found.Note(FindingCodes.NamespaceNotInjected, Found.Name(space), "metadata.labels", null,
            "The namespace does not ask for sidecars, so rules do not act on what its pods send, and its pods take no mutual TLS.",
            $"kubectl label namespace {space.Metadata.Name} {MeshLabels.Injection}={MeshLabels.InjectionEnabled}, or ={MeshLabels.InjectionDisabled} if it shall stay out.");
    }

    // "disabled" is said once and for all.
    private static List<string> Marks(V1Namespace space)
    {
        var injection = Value(space, MeshLabels.Injection);
        if (injection == MeshLabels.InjectionDisabled) return [];
        var marks = new List<string>();
        if (injection == MeshLabels.InjectionEnabled) marks.Add(MeshLabels.Injection);
        if (Value(space, MeshLabels.Revision) is not null) marks.Add(MeshLabels.Revision);
        if (Value(space, DataplaneMode) is "ambient") marks.Add(DataplaneMode);
        return marks;
    }

    private static bool LacksProxy(V1Pod pod) =>
        pod.Status?.Phase is not ("Succeeded" or "Failed") && !Proxies.IsIn(pod.Spec) && InjectionPolicy.Decide(pod, namespaceAsks: true).Verdict == InjectionVerdict.Inject;

    private static Finding Missing(V1Pod pod) => Found.Warning(FindingCodes.PodMissingProxy, Found.Name(pod), "spec.containers", null,
        "The pod has no sidecar though its namespace asks for them: it began before that was asked, or while the operator was away.",
        pod.Metadata.OwnerReferences is { Count: > 0 } owners ? $"Have it made anew: kubectl rollout restart {owners[0].Kind.ToLowerInvariant()} -n {pod.Metadata.NamespaceProperty} (or delete the pod)." : "Delete it and apply it again.");

    private static string? Value(V1Namespace space, string label) => space.Metadata.Labels is { } labels && labels.TryGetValue(label, out var value) ? value : null;
}
