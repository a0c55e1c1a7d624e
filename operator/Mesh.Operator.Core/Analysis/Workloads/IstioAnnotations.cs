using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Api.Validation;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>
/// Annotations of Istio's on Kubernetes objects: unknown (IST0108), on the wrong kind (IST0107), with a value they cannot
/// take (IST0125), given up (IST0135), or never settled by Istio (IST0136).
/// </summary>
internal sealed class IstioAnnotations : IAnalyser
{
    // What an injector writes on pods is not the user's doing.
    private static readonly string[] WrittenByInjectors =
        ["sidecar.istio.io/interceptionMode", "traffic.sidecar.istio.io/includeInboundPorts", "traffic.sidecar.istio.io/excludeInboundPorts", "traffic.sidecar.istio.io/includeOutboundIPRanges"];

    private const string InitContainer = "istio-init";

    public IEnumerable<Finding> Analyse(Inventory mesh) =>
        mesh.Objects.Of<V1Namespace>().Cast<IKubernetesObject<V1ObjectMeta>>().Concat(mesh.Objects.Of<V1Service>()).Concat(mesh.Objects.Of<V1Pod>().Where(IsWrittenByUser)).Concat(mesh.Objects.Of<V1Deployment>())
            .SelectMany(source => Of(source, source.Metadata.Annotations, "metadata.annotations", KindOf(source)))
            .Concat(mesh.Objects.Of<V1Deployment>().SelectMany(source => Of(source, source.Spec?.Template?.Metadata?.Annotations, "spec.template.metadata.annotations", "Pod")));

    // Others carry what their template says, and that is looked at.
    private static bool IsWrittenByUser(V1Pod pod) => pod.Metadata.OwnerReferences is not { Count: > 0 } && pod.Metadata.Annotations?.ContainsKey(MeshLabels.InjectionStatus) != true;

    private static IEnumerable<Finding> Of(IKubernetesObject<V1ObjectMeta> source, IDictionary<string, string>? annotations, string path, string kind)
    {
        foreach (var (name, value) in annotations ?? new Dictionary<string, string>())
            foreach (var finding in Of(source, name, value ?? "", $"{path}[{name}]", kind)) yield return finding;
    }

    private static IEnumerable<Finding> Of(IKubernetesObject<V1ObjectMeta> source, string name, string value, string path, string kind)
    {
        if (!IsOfIstio(name)) yield break;
        var resource = Found.Name(source);
        if (KnownAnnotations.Find(name) is not { } known)
        {
            yield return Found.Warning(FindingCodes.UnknownAnnotation, resource, path, value, "There is no such annotation.", Spelling.Nearest(name, KnownAnnotations.Names) is { } near ? $"Did you mean {near}?" : "Remove it.");
            yield break;
        }

        if (known.IsAlpha && !(source is V1Pod pod && WrittenByInjectors.Contains(name) && (pod.Spec?.InitContainers ?? []).All(container => container.Name != InitContainer)))
            yield return Found.Note(FindingCodes.AlphaAnnotation, resource, path, value, "Istio calls this annotation alpha: another version may read it differently.", "Nothing is to be done unless the object shall move.");
        if (known.IsDeprecated)
            yield return Found.Note(FindingCodes.DeprecatedAnnotation, resource, path, value, "Istio has given this annotation up; it has no effect here.", "Remove it.");
        if (known.Kinds.Length > 0 && !known.Kinds.Contains(kind))
            yield return Found.Warning(FindingCodes.MisplacedAnnotation, resource, path, value, $"On a {kind} this annotation has no effect: it belongs on a {string.Join(" or ", known.Kinds)}.",
                kind == "Deployment" && known.Kinds.Contains("Pod") ? "Move it to spec.template.metadata.annotations." : "Move it there, or remove it.");
        else if (known.Takes is { } takes && !takes(value))
            yield return Found.Warning(FindingCodes.InvalidAnnotation, resource, path, value, "This is no value for the annotation, which is ignored with it.", "Correct the value, or remove the annotation.");
    }

    // One of Kubernetes' own that Istio documents is looked at too.
    private static bool IsOfIstio(string name) => name == "kubernetes.io/ingress.class" || name.Split('/')[0].EndsWith("istio.io", StringComparison.Ordinal);

    private static string KindOf(IKubernetesObject<V1ObjectMeta> source) => Found.Name(source).Split('/')[0];
}
