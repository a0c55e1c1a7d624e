using k8s.Models;
using Mesh.Api;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Analysis.Workloads;

/// <summary>
/// Deployments behind several Services that contradict each other: one port with two protocols (IST0116), or one port of
/// the pods under two numbers (IST0137). What arrives at the pod does not say by which Service it came.
/// </summary>
internal sealed class ServiceAssociations : IAnalyser
{
    public IEnumerable<Finding> Analyse(Inventory mesh)
    {
        var services = mesh.Snapshot.Services.Values.Where(service => !service.Selector.IsEmpty).ToLookup(service => service.Key.Namespace, StringComparer.Ordinal);
        var workloads = mesh.Snapshot.Workloads.Values.ToLookup(workload => (workload.Key.Namespace, workload.WorkloadName));
        foreach (var deployment in mesh.Objects.Of<V1Deployment>())
        {
            var space = deployment.Metadata.NamespaceProperty;
            if (!workloads[(space, deployment.Metadata.Name)].Any(workload => workload.IsInMesh)) continue;
            var labels = LabelSet.Of(deployment.Spec?.Template?.Metadata?.Labels);
            var behind = services[space].Where(service => labels.Satisfies(service.Selector)).ToList();
            if (behind.Count < 2) continue;
            foreach (var finding in Protocols(deployment, behind).Concat(Numbers(deployment, behind))) yield return finding;
        }
    }

    private static IEnumerable<Finding> Protocols(V1Deployment deployment, List<Service> services) => Ports(services)
        .Where(pair => pair.Port.Protocol != AppProtocol.Auto)
        .GroupBy(pair => pair.Port.Port)
        .Where(group => group.Select(pair => Family(pair.Port.Protocol)).Distinct().Count() > 1)
        .Select(group => Found.Warning(FindingCodes.DeploymentAssociatedToMultipleServices, Found.Name(deployment), "spec.template.metadata.labels", group.Key,
            $"Services {Names(group)} lead port {group.Key} to these pods and say different things about what is spoken there.",
            "Give the port the same protocol in each of them (by its name or appProtocol), or let only one select these pods."));

    private static IEnumerable<Finding> Numbers(V1Deployment deployment, List<Service> services) => Ports(services)
        .GroupBy(pair => pair.Port.TargetPortName.Length > 0 ? (object)pair.Port.TargetPortName : pair.Port.TargetPort)
        .Where(group => group.Select(pair => pair.Port.Port).Distinct().Count() > 1 && group.Select(pair => pair.Service.Key).Distinct().Count() > 1)
        .Select(group => Found.Warning(FindingCodes.DeploymentConflictingPorts, Found.Name(deployment), "spec.template.metadata.labels", group.Key,
            $"Services {Names(group)} lead different ports ({string.Join(", ", group.Select(pair => pair.Port.Port).Distinct())}) to port {group.Key} of these pods.",
            "Give it the same port in each of them, or let only one select these pods."));

    private static IEnumerable<(Service Service, ServicePort Port)> Ports(List<Service> services) => services.SelectMany(service => service.Ports.Items.Select(port => (service, port)));

    // HTTP/1 and HTTP/2 are told apart by what they send.
    private static AppProtocol Family(AppProtocol protocol) => protocol == AppProtocol.Http2 ? AppProtocol.Http : protocol;

    private static string Names(IEnumerable<(Service Service, ServicePort Port)> pairs) => string.Join(" and ", pairs.Select(pair => pair.Service.Key.Name).Distinct());
}
