using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Objects;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>Applications that run as the sidecar's user, whose traffic is therefore not captured (IST0144).</summary>
internal sealed class ReservedUsers : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) =>
        // A pod with an owner is told of at its owner.
        mesh.Objects.Of<V1Pod>().Where(pod => pod.Metadata.OwnerReferences is not { Count: > 0 }).SelectMany(pod => Of(pod, pod.Spec, "spec"))
            .Concat(StandIns.Templates(mesh.Objects).SelectMany(pair => Of(pair.Owner, pair.Template.Spec, "spec.template.spec")));

    private static IEnumerable<Finding> Of(IKubernetesObject<V1ObjectMeta> source, V1PodSpec? spec, string path)
    {
        var ofOwn = Containers(spec, path).Where(pair => !Proxies.IsProxy(pair.Container) && pair.Container.SecurityContext?.RunAsUser == WellKnown.ProxyUid).Select(pair => pair.Path).ToList();
        if (ofOwn.Count == 0 && spec?.SecurityContext?.RunAsUser == WellKnown.ProxyUid && Containers(spec, path).Any(pair => !Proxies.IsProxy(pair.Container) && pair.Container.SecurityContext?.RunAsUser is null)) ofOwn.Add(path);
        return ofOwn.Select(place => Found.Warning(FindingCodes.InvalidApplicationUid, Found.Name(source), $"{place}.securityContext.runAsUser", WellKnown.ProxyUid,
            $"User {WellKnown.ProxyUid} is the sidecar's: what the application sends as this user is not captured, so no rule acts on it; a pod like this is refused by injection.",
            "Choose another user id for the application."));
    }

    private static IEnumerable<(V1Container Container, string Path)> Containers(V1PodSpec? spec, string path) =>
        (spec?.InitContainers ?? []).Select((container, i) => (container, $"{path}.initContainers[{i}]"))
            .Concat((spec?.Containers ?? []).Select((container, i) => (container, $"{path}.containers[{i}]")));
}
