using k8s.Models;
using Mesh.Api;
using Mesh.Config;

namespace Mesh.Operator.Core.Injection;

// A pod about to be created comes in; out goes the same pod with the init container that redirects its traffic and the
// sidecar that carries it, or the reason why not. What never happens here: I/O, chance (the stamp is given), a look at the
// cluster (whether the namespace asks, what it allows and which version the cluster is are given too).

/// <summary>Decides who gets a sidecar. The pod's own word beats the namespace's.</summary>
public static class InjectionPolicy
{
    /// <summary>Name of the container in which sidecars of Istio run.</summary>
    internal const string OthersProxy = "istio-proxy";

    /// <param name="pod">As it came.</param>
    /// <param name="namespaceAsks">Whether its namespace asks for sidecars.</param>
    /// <param name="place">What namespace and cluster allow; null: not known.</param>
    public static InjectionDecision Decide(V1Pod pod, bool namespaceAsks, InjectionPlace? place = null)
    {
        if (pod.Spec?.HostNetwork == true)
            return Leave("the pod uses the node's network (hostNetwork), which must not be redirected");

        place ??= InjectionPlace.Unknown;
        if (!place.Scope.Answers(pod, place.NamespaceLabels, namespaceAsks))
            return Leave($"another mesh's injector ({string.Join(", ", place.Scope.Others)}) answers for it; this one only for {MeshLabels.Revision}={MeshLabels.OwnRevision}");

        // The label is Istio's present form; the annotation of the same name its legacy one.
        var label = Value(pod.Metadata?.Labels, MeshLabels.Inject);
        var word = label ?? Value(pod.Metadata?.Annotations, MeshLabels.Inject);
        switch (word)
        {
            case "false":
                return Leave($"{MeshLabels.Inject} is false on the pod");
            case null when !namespaceAsks && Value(pod.Metadata?.Labels, MeshLabels.Revision) is null:
                return Leave($"neither the pod ({MeshLabels.Inject}) nor its namespace ({MeshLabels.Injection}) asks for a sidecar");
            case not (null or "true"):
                return Refuse($"{MeshLabels.Inject} is \"{word}\" on the pod. Write \"true\" or \"false\".");
        }

        return OthersSidecar(pod) ?? Forbidden(place) ?? ReservedId(pod) ?? ReservedName(pod) ?? new InjectionDecision(InjectionVerdict.Inject, "");
    }

    /// <summary>Whether the pod has a sidecar of ours, by an injector or by a file that went through <c>mesh inject</c>.</summary>
    public static bool HasSidecar(V1PodSpec? spec) =>
        spec?.InitContainers?.Any(container => container is { Name: InjectedContainers.ProxyName, RestartPolicy: "Always" }) == true;

    /// <summary>Whether the pod holds another mesh's sidecar, or settings for it.</summary>
    internal static bool HoldsOthers(V1PodSpec? spec) => (spec?.InitContainers ?? []).Concat(spec?.Containers ?? []).Any(container => container.Name == OthersProxy);

    /// <summary>Two sidecars would redirect the same traffic, each to itself.</summary>
    private static InjectionDecision? OthersSidecar(V1Pod pod)
    {
        foreach (var (container, path) in Containers(pod))
        {
            if (container.Name == OthersProxy)
                return Refuse($"{path} is \"{OthersProxy}\", the sidecar of another mesh or settings for it, and a pod cannot have two: remove the container (this mesh's sidecar is set by annotations), or give the pod the label {MeshLabels.Inject}: \"false\".");
        }

        return null;
    }

    private static InjectionDecision? Forbidden(InjectionPlace place) =>
        (NativeSidecars.Refusal(place.ClusterVersion) ?? PodSecurity.Refusal(place.NamespaceLabels)) is { } reason ? Refuse(reason) : null;

    /// <summary>Traffic of uid and gid 1337 is not captured: an application under it would bypass its own sidecar.</summary>
    private static InjectionDecision? ReservedId(V1Pod pod)
    {
        var whole = pod.Spec?.SecurityContext;
        foreach (var (container, path) in Containers(pod))
        {
            if (PodInjector.OwnContainers.Contains(container.Name) && IsInjected(pod)) continue;
            var own = container.SecurityContext;
            if ((own?.RunAsUser ?? whole?.RunAsUser) == WellKnown.ProxyUid)
                return Refuse($"{path} \"{container.Name}\" runs as user {WellKnown.ProxyUid}, which is the sidecar's: its traffic would not be captured. Set another securityContext.runAsUser.");
            if ((own?.RunAsGroup ?? whole?.RunAsGroup) == WellKnown.ProxyUid)
                return Refuse($"{path} \"{container.Name}\" runs as group {WellKnown.ProxyUid}, which is the sidecar's: its traffic would not be captured. Set another securityContext.runAsGroup.");
        }

        return null;
    }

    private static InjectionDecision? ReservedName(V1Pod pod)
    {
        if (IsInjected(pod)) return null;
        foreach (var (container, path) in Containers(pod))
            if (PodInjector.OwnContainers.Contains(container.Name))
                return Refuse($"{path} has the name \"{container.Name}\", which the injector needs. Give it another name, or set the label {MeshLabels.Inject}: \"false\" to bring your own.");
        foreach (var volume in pod.Spec?.Volumes ?? [])
            if (PodInjector.OwnVolumes.Contains(volume.Name))
                return Refuse($"the volume name \"{volume.Name}\" is needed by the injector. Give the volume another name.");
        return null;
    }

    /// <summary>Went through an injector before: reinvocation, or the YAML of a running pod applied again.</summary>
    private static bool IsInjected(V1Pod pod) => Value(pod.Metadata?.Annotations, MeshLabels.InjectionStatus) is not null;

    private static IEnumerable<(V1Container Container, string Path)> Containers(V1Pod pod) =>
    [
        .. (pod.Spec?.InitContainers ?? []).Select((c, i) => (c, $"spec.initContainers[{i}]")),
        .. (pod.Spec?.Containers ?? []).Select((c, i) => (c, $"spec.containers[{i}]")),
    ];

    private static string? Value(IDictionary<string, string>? map, string key) => map is not null && map.TryGetValue(key, out var value) ? value : null;

    private static InjectionDecision Leave(string reason) => new(InjectionVerdict.Leave, reason);

    private static InjectionDecision Refuse(string reason) => new(InjectionVerdict.Refuse, reason);
}
