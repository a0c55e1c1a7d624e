using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Objects;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>
/// Pods that injection will refuse (MESH0062), told at what makes them before anybody waits for pods that never come; and their
/// annotations that have no effect (MESH0063), which the injector can tell nobody where a controller makes the pods.
/// </summary>
internal sealed class InjectionRefusals : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh) =>
        // A pod with an owner is told of at its owner.
        mesh.Objects.Of<V1Pod>().Where(pod => pod.Metadata.OwnerReferences is not { Count: > 0 }).SelectMany(pod => Of(mesh, pod, pod, ""))
            .Concat(StandIns.Templates(mesh.Objects).SelectMany(pair => Of(mesh, pair.Owner, PodOf(pair.Owner, pair.Template), pair.Owner is V1CronJob ? "spec.jobTemplate.spec.template." : "spec.template.")));

    private static IEnumerable<Finding> Of(Inventory mesh, IKubernetesObject<V1ObjectMeta> source, V1Pod pod, string place)
    {
        if (SystemNamespaces.Contains(pod.Metadata.NamespaceProperty)) yield break;
        // Of a namespace that is not among the files nothing is known: rules are written for pods with a sidecar.
        var asks = mesh.Snapshot.Namespaces.TryGetValue(pod.Metadata.NamespaceProperty, out var space) ? mesh.Scope.Asks(space.Labels) : !mesh.Objects.IsWhole && mesh.Scope.IsEveryone;
        var decision = InjectionPolicy.Decide(pod, asks, new InjectionPlace { Scope = mesh.Scope });
        if (decision.Verdict == InjectionVerdict.Leave) yield break;
        if (decision.Verdict == InjectionVerdict.Refuse)
        {
            yield return Refused(source, place + "spec", decision.Reason);
            yield break;
        }

        if (pod.Spec is null) yield break;
        foreach (var problem in PodInjector.Inject(pod, new InjectionSettings(), null).Problems)
        {
            var (path, text) = Placed(problem);
            yield return Refused(source, place + path, text);
        }

        foreach (var warning in UnusedAnnotations.Warnings(pod.Metadata.Annotations ?? new Dictionary<string, string>()))
        {
            var (path, text) = Placed(warning);
            yield return Found.Warning(FindingCodes.AnnotationWithoutEffect, Found.Name(source), place + path, null, text, "Remove it, or leave it for another mesh's sake.");
        }
    }

    private static Finding Refused(IKubernetesObject<V1ObjectMeta> source, string path, string reason) =>
        Found.Error(FindingCodes.InjectionRefused, Found.Name(source), path, null, $"Injection refuses {(source is V1Pod ? "this pod" : "its pods")}: {reason}", "");

    // Injection's own lines name the place first.
    private static (string Path, string Text) Placed(string line)
    {
        var end = line.StartsWith("metadata.", StringComparison.Ordinal) ? line.IndexOf(": ", StringComparison.Ordinal) : -1;
        return end < 0 ? ("spec", line) : (line[..end], line[(end + 2)..]);
    }

    private static V1Pod PodOf(IKubernetesObject<V1ObjectMeta> owner, V1PodTemplateSpec template) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = owner.Metadata.Name,
            NamespaceProperty = owner.Metadata.NamespaceProperty,
            Labels = template.Metadata?.Labels is { } labels ? new Dictionary<string, string>(labels) : null,
            Annotations = template.Metadata?.Annotations,
        },
        Spec = template.Spec,
    };
}
