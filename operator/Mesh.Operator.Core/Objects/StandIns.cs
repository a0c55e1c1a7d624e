using k8s;
using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Credentials;
using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Objects;

/// <summary>
/// What a cluster would make of files: a pod for each template, with a sidecar where injection asks for one, and the
/// EndpointSlices of the Services. Addresses are of a range nobody uses (198.18.0.0/15).
/// </summary>
internal static class StandIns
{
    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> For(ClusterObjects files)
    {
        // Nothing is known of a namespace that is not among the files: rules are written for pods with a sidecar.
        var scope = InjectionScope.Beside(files.Of<V1MutatingWebhookConfiguration>());
        var injected = files.Of<V1Namespace>().ToDictionary(space => space.Metadata.Name, space => scope.Asks(LabelSet.Of(space.Metadata.Labels)));
        var pods = files.Of<V1Pod>().Concat(Templates(files).Select(Pod))
            .Select((pod, i) => Running(pod, i, injected.GetValueOrDefault(pod.Metadata.NamespaceProperty, true))).ToList();
        var sliced = files.Of<V1EndpointSlice>().Select(slice => (slice.Metadata.NamespaceProperty, slice.Metadata.Labels is { } labels && labels.TryGetValue(MeshLabels.ServiceName, out var name) ? name : "")).ToHashSet();
        return [.. pods, .. files.Of<V1Service>().Where(service => service.Spec?.Selector is { Count: > 0 } && !sliced.Contains((service.Metadata.NamespaceProperty, service.Metadata.Name))).Select(service => Slice(service, pods))];
    }

    /// <summary>The pod templates of everything that starts pods, with the object they stand in.</summary>
    public static IEnumerable<(IKubernetesObject<V1ObjectMeta> Owner, V1PodTemplateSpec Template)> Templates(ClusterObjects objects) =>
        objects.Of<V1Deployment>().Select(owner => ((IKubernetesObject<V1ObjectMeta>)owner, owner.Spec?.Template))
            .Concat(objects.Of<V1StatefulSet>().Select(owner => ((IKubernetesObject<V1ObjectMeta>)owner, owner.Spec?.Template)))
            .Concat(objects.Of<V1DaemonSet>().Select(owner => ((IKubernetesObject<V1ObjectMeta>)owner, owner.Spec?.Template)))
            .Concat(objects.Of<V1ReplicaSet>().Where(owner => owner.Metadata.OwnerReferences is not { Count: > 0 }).Select(owner => ((IKubernetesObject<V1ObjectMeta>)owner, owner.Spec?.Template)))
            .Concat(objects.Of<V1Job>().Where(owner => owner.Metadata.OwnerReferences is not { Count: > 0 }).Select(owner => ((IKubernetesObject<V1ObjectMeta>)owner, owner.Spec?.Template)))
            .Concat(objects.Of<V1CronJob>().Select(owner => ((IKubernetesObject<V1ObjectMeta>)owner, owner.Spec?.JobTemplate?.Spec?.Template)))
            .Where(pair => pair.Item2 is not null).Select(pair => (pair.Item1, pair.Item2!));

    private static V1Pod Pod((IKubernetesObject<V1ObjectMeta> Owner, V1PodTemplateSpec Template) pair) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = pair.Owner.Metadata.Name,
            NamespaceProperty = pair.Owner.Metadata.NamespaceProperty,
            Labels = pair.Template.Metadata?.Labels is { } labels ? new Dictionary<string, string>(labels) : null,
            Annotations = pair.Template.Metadata?.Annotations is { } annotations ? new Dictionary<string, string>(annotations) : null,
            CreationTimestamp = pair.Owner.Metadata.CreationTimestamp,
            OwnerReferences = [new V1OwnerReference { ApiVersion = pair.Owner.ApiVersion, Kind = pair.Owner.Kind, Name = pair.Owner.Metadata.Name, Controller = true, Uid = "" }],
        },
        Spec = pair.Template.Spec ?? new V1PodSpec(),
    };

    private static V1Pod Running(V1Pod source, int number, bool namespaceAsks)
    {
        var pod = KubernetesJson.Deserialize<V1Pod>(KubernetesJson.Serialize(source));
        pod.Metadata.Uid ??= $"{pod.Metadata.NamespaceProperty}-{pod.Metadata.Name}";
        pod.Metadata.Annotations ??= new Dictionary<string, string>();
        pod.Metadata.Labels ??= new Dictionary<string, string>();
        if (!pod.Metadata.Annotations.ContainsKey(MeshLabels.Config) && IsMeant(pod, namespaceAsks))
        {
            pod.Metadata.Annotations[MeshLabels.Config] = $"{MeshNames.RecordPrefix}{pod.Metadata.Name}";
            pod.Metadata.Annotations[MeshLabels.Format] = ProxyConfig.CurrentFormatVersion.ToString(System.Globalization.CultureInfo.InvariantCulture);
            ((pod.Spec ??= new V1PodSpec()).Volumes ??= []).Add(new V1Volume { Name = InjectedContainers.CredentialsVolume, Secret = new V1SecretVolumeSource { SecretName = CredentialNames.For(pod), Optional = true } });
            pod.Metadata.Labels[MeshLabels.TlsMode] = MeshLabels.TlsModeMutual;
        }

        pod.Status ??= new V1PodStatus { Phase = "Running" };
        pod.Status.PodIP ??= $"198.{18 + (number >> 16 & 1)}.{number >> 8 & 255}.{number & 255}";
        return pod;
    }

    // A pod that another mesh's sidecar keeps from being injected is meant to be in this one all the same.
    private static bool IsMeant(V1Pod pod, bool namespaceAsks) =>
        InjectionPolicy.Decide(pod, namespaceAsks) is var decision && (decision.Verdict == InjectionVerdict.Inject || (decision.Verdict == InjectionVerdict.Refuse && InjectionPolicy.HoldsOthers(pod.Spec)));

    private static V1EndpointSlice Slice(V1Service service, List<V1Pod> pods)
    {
        var selector = LabelSet.Of(service.Spec.Selector);
        var members = pods.Where(pod => pod.Metadata.NamespaceProperty == service.Metadata.NamespaceProperty && LabelSet.Of(pod.Metadata.Labels).Satisfies(selector)).ToList();
        return new V1EndpointSlice
        {
            Metadata = new V1ObjectMeta
            {
                Name = service.Metadata.Name,
                NamespaceProperty = service.Metadata.NamespaceProperty,
                Labels = new Dictionary<string, string> { [MeshLabels.ServiceName] = service.Metadata.Name },
            },
            AddressType = "IPv4",
            Ports = [.. (service.Spec.Ports ?? []).Select(port => new Discoveryv1EndpointPort { Name = port.Name ?? "", Port = PortOf(port, members), Protocol = port.Protocol })],
            Endpoints =
            [
                .. members.Select(pod => new V1Endpoint
                {
                    Addresses = [pod.Status.PodIP],
                    Conditions = new V1EndpointConditions { Ready = true, Serving = true },
                    TargetRef = new V1ObjectReference { Kind = "Pod", Name = pod.Metadata.Name, NamespaceProperty = pod.Metadata.NamespaceProperty },
                }),
            ],
        };
    }

    private static int PortOf(V1ServicePort port, List<V1Pod> members)
    {
        var target = port.TargetPort?.Value;
        if (string.IsNullOrEmpty(target)) return port.Port;
        if (int.TryParse(target, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)) return number == 0 ? port.Port : number;
        return members.SelectMany(pod => pod.Spec?.Containers ?? []).SelectMany(container => container.Ports ?? [])
            .FirstOrDefault(declared => declared.Name == target)?.ContainerPort ?? port.Port;
    }
}
