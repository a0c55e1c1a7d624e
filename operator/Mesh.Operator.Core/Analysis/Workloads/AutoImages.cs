using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Objects;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>A proxy's container with <c>image: auto</c> that nobody fills in: of a pod (IST0147), or of a template (IST0146).</summary>
internal sealed class AutoImages : IAnalyser
{
    private const string Remedy = "Label its namespace istio-injection=enabled or its pods sidecar.istio.io/inject: \"true\", then have the pods made anew.";

    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        foreach (var pod in mesh.Objects.Of<V1Pod>().Where(pod => IsAuto(pod.Spec)))
            yield return Found.Error(FindingCodes.ImageAutoWithoutInjectionError, Found.Name(pod), Path(pod.Spec, "spec"), "auto", "The image of the proxy was to be filled in by injection, and was not: this pod cannot start.", Remedy);
        foreach (var (owner, template) in StandIns.Templates(mesh.Objects).Where(pair => IsAuto(pair.Template.Spec) && !WillBeFilled(mesh, pair.Owner, pair.Template)))
            yield return Found.Warning(FindingCodes.ImageAutoWithoutInjectionWarning, Found.Name(owner), Path(template.Spec, "spec.template.spec"), "auto", "The image of the proxy is to be filled in by injection, which does not act on these pods: they cannot start.", Remedy);
    }

    private static bool IsAuto(V1PodSpec? spec) => Proxies.All(spec).Any(IsAuto);

    private static bool IsAuto(V1Container container) => container is { Name: Proxies.IstioProxy, Image: "auto" };

    private static string Path(V1PodSpec spec, string path)
    {
        var i = (spec.Containers ?? []).ToList().FindIndex(IsAuto);
        return i >= 0 ? $"{path}.containers[{i}].image" : $"{path}.initContainers[{spec.InitContainers.ToList().FindIndex(IsAuto)}].image";
    }

    private static bool WillBeFilled(Inventory mesh, IKubernetesObject<V1ObjectMeta> owner, V1PodTemplateSpec template)
    {
        var labels = mesh.Snapshot.Namespaces.GetValueOrDefault(owner.Metadata.NamespaceProperty)?.Labels;
        // Whichever mesh is asked: Istio's templates have such a container filled in by its injector.
        var asks = labels is not null && InjectionScope.Everyone.Asks(labels);
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Labels = template.Metadata?.Labels, Annotations = template.Metadata?.Annotations } };
        return InjectionPolicy.Decide(pod, asks).Verdict == InjectionVerdict.Inject;
    }
}
