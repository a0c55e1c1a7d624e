using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>
/// Namespaces that ask for no sidecar (IST0102), ask in several ways (IST0123), ask another mesh (MESH0061) or ask for what their
/// Pod Security level forbids (MESH0060), and pods that should have a sidecar and have none (IST0103).
/// </summary>
internal sealed class InjectionMarks : IAnalyser
{
    /// <summary>Label by which Istio's mode without sidecars is asked for.</summary>
    public const string DataplaneMode = "istio.io/dataplane-mode";

    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var namespaces = mesh.Objects.Of<V1Namespace>().Where(space => !SystemNamespaces.Contains(space.Metadata.Name)).ToList();
        var asking = namespaces.Where(space => Marks(space) is [not DataplaneMode] && mesh.Scope.Asks(LabelSet.Of(space.Metadata.Labels))).Select(space => space.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        return namespaces.Select(space => Of(space, mesh.Scope)).OfType<Finding>()
            .Concat(namespaces.Where(space => asking.Contains(space.Metadata.Name)).Select(Forbidden).OfType<Finding>())
            .Concat(mesh.Objects.Of<V1Pod>().Where(pod => asking.Contains(pod.Metadata.NamespaceProperty) && LacksProxy(pod)).Select(Missing));
    }

    private static Finding? Of(V1Namespace space, InjectionScope scope)
    {
        var marks = Marks(space);
        if (marks.Count > 1)
            return Found.Warning(FindingCodes.NamespaceMultipleInjectionLabels, Found.Name(space), "metadata.labels", string.Join(", ", marks),
                $"The namespace asks in {marks.Count} ways for a place in the mesh, and only one of them counts: {MeshLabels.Injection}, then {MeshLabels.Revision}.", $"Keep {marks[0]} and remove the rest.");
        if (marks is [MeshLabels.Injection] && scope.LeavesToOthers(LabelSet.Of(space.Metadata.Labels)))
            return Found.Note(FindingCodes.AnsweredByAnotherMesh, Found.Name(space), $"metadata.labels[{MeshLabels.Injection}]", MeshLabels.InjectionEnabled,
                $"Another mesh's injector ({string.Join(", ", scope.Others)}) answers this label: the pods of this namespace get its sidecars and are not in this mesh.",
                $"To move it here: kubectl label namespace {space.Metadata.Name} {MeshLabels.Injection}- {MeshLabels.Revision}={MeshLabels.OwnRevision}, then restart its workloads.");
        if (marks.Count == 1 || Value(space, MeshLabels.Injection) is not null) return null;
        return Found.Note(FindingCodes.NamespaceNotInjected, Found.Name(space), "metadata.labels", null,
            "The namespace does not ask for sidecars, so rules do not act on what its pods send, and its pods take no mutual TLS.",
            $"kubectl label namespace {space.Metadata.Name} {(scope.IsEveryone ? $"{MeshLabels.Injection}={MeshLabels.InjectionEnabled}" : $"{MeshLabels.Revision}={MeshLabels.OwnRevision}")}, or {MeshLabels.Injection}={MeshLabels.InjectionDisabled} if it shall stay out.");
    }

    private static Finding? Forbidden(V1Namespace space) => PodSecurity.Level(LabelSet.Of(space.Metadata.Labels)) is not { } level ? null
        : Found.Error(FindingCodes.PodSecurityForbidsSidecar, Found.Name(space), $"metadata.labels[{PodSecurity.Enforce}]", level,
            "The namespace asks for sidecars, and this level of Pod Security forbids the capabilities that redirect a pod's traffic: its pods are refused.",
            char.ToUpperInvariant(PodSecurity.Remedy[0]) + PodSecurity.Remedy[1..] + ".");

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
