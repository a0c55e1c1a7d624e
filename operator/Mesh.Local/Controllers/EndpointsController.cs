using k8s;
using k8s.Models;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Controllers;

/// <summary>The older form of a service's endpoints, one object of its name, for those who still read it.</summary>
internal sealed class EndpointsController(ClusterView view, KubernetesApi api)
{
    private readonly EndpointTriggers _triggers = new();

    private const string ManagedBy = "endpoints.kubernetes.io/managed-by";
    private const int MostAddresses = 1000;

    public async Task ReconcileAsync(EntityKey key, CancellationToken cancellation)
    {
        var service = view.Services.Find(key);
        if (service is null or { Metadata.DeletionTimestamp: not null })
        {
            _triggers.Gone(key);
            await api.DeleteAsync<V1Endpoints>(key.Name, key.Namespace, null, cancellation);
            return;
        }

        if (service.Spec.Selector is null or { Count: 0 } || service.Spec.Type == "ExternalName") return;
        var pods = view.Pods.All.Where(pod => pod.Metadata.NamespaceProperty == key.Namespace).ToList();
        var subsets = Subsets(service, pods);
        var trigger = _triggers.Next(service, EndpointSlicePlan.Usable(service, pods));
        var labels = new Dictionary<string, string>(service.Metadata.Labels ?? new Dictionary<string, string>()) { [ManagedBy] = "endpoint-controller" };
        if (service.Spec.ClusterIP == "None") labels[EndpointSlicePlan.Headless] = "";
        var before = await api.GetAsync<V1Endpoints>(key.Name, key.Namespace, cancellation);
        if (before is not null && Text(before.Metadata.Labels, before.Subsets) == Text(labels, subsets)) return;
        var wanted = new V1Endpoints
        {
            Metadata = new V1ObjectMeta
            {
                Name = key.Name,
                NamespaceProperty = key.Namespace,
                Labels = labels,
                Annotations = EndpointTriggers.Annotated(before?.Metadata.Annotations, trigger),
                ResourceVersion = before?.Metadata.ResourceVersion,
            },
            Subsets = subsets.Count == 0 ? null : subsets,
        };
        if (before is null) await api.CreateAsync(wanted, cancellation);
        else await api.UpdateAsync(wanted, cancellation);
    }

    private static List<V1EndpointSubset> Subsets(V1Service service, IEnumerable<V1Pod> pods)
    {
        var publishAll = service.Spec.PublishNotReadyAddresses == true;
        return
        [
            .. EndpointSlicePlan.Usable(service, pods).Where(pod => publishAll || !PodTemplates.IsTerminating(pod)).Take(MostAddresses)
                .Select(pod => (Pod: pod, Ports: EndpointSlicePlan.Ports(service, pod)))
                .GroupBy(one => EndpointSlicePlan.KeyOf(one.Ports), StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => Subset(service, [.. group.Select(one => one.Pod)], group.First().Ports)),
        ];
    }

    private static V1EndpointSubset Subset(V1Service service, List<V1Pod> pods, IEnumerable<Discoveryv1EndpointPort> ports)
    {
        var publishAll = service.Spec.PublishNotReadyAddresses == true;
        var ready = pods.Where(pod => publishAll || PodTemplates.IsReady(pod)).ToList();
        var other = pods.Except(ready).ToList();
        return new V1EndpointSubset
        {
            Addresses = ready.Count == 0 ? null : [.. ready.Select(pod => Address(service, pod))],
            NotReadyAddresses = other.Count == 0 ? null : [.. other.Select(pod => Address(service, pod))],
            Ports = [.. ports.Select(port => new Corev1EndpointPort { Name = string.IsNullOrEmpty(port.Name) ? null : port.Name, Port = port.Port ?? 0, Protocol = port.Protocol, AppProtocol = port.AppProtocol })],
        };
    }

    private static V1EndpointAddress Address(V1Service service, V1Pod pod) => new()
    {
        Ip = pod.Status.PodIP,
        Hostname = EndpointSlicePlan.Hostname(service, pod),
        NodeName = string.IsNullOrEmpty(pod.Spec.NodeName) ? null : pod.Spec.NodeName,
        TargetRef = EndpointSlicePlan.Target(pod),
    };

    private static string Text(IDictionary<string, string>? labels, IList<V1EndpointSubset>? subsets) => KubernetesJson.Serialize(new
    {
        labels = (labels ?? new Dictionary<string, string>()).OrderBy(l => l.Key, StringComparer.Ordinal).ToArray(),
        subsets = subsets ?? [],
    });
}
