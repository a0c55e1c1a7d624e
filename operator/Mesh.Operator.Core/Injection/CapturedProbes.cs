using k8s.Models;
using Mesh.Api;

namespace Mesh.Operator.Core.Injection;

/// <summary>
/// Probes that say too much in a captured pod. The kernel hands every captured connection to the sidecar, which accepts it
/// before it dials the application: a tcpSocket probe therefore succeeds while nobody listens. Asked only of pods whose probes
/// stay as they are (<see cref="MeshLabels.RewriteProbes"/> is false); httpGet, grpc and exec probes ask the application itself.
/// </summary>
internal static class CapturedProbes
{
    public static IEnumerable<string> Warnings(V1Pod pod, CaptureSettings capture)
    {
        var containers = pod.Spec.Containers ?? [];
        for (var i = 0; i < containers.Count; i++)
        {
            foreach (var (field, probe) in Probes(containers[i]))
            {
                if (probe?.TcpSocket is { Port: { } port } && IsCaptured(containers[i], port.ToString(), capture))
                    yield return $"spec.containers[{i}].{field}.tcpSocket.port \"{port}\": the sidecar accepts this connection itself, so the probe succeeds even while the application does not listen. Leave out the annotation {MeshLabels.RewriteProbes}, use httpGet, grpc or exec, or list the port in the annotation {MeshLabels.ExcludeInboundPorts}.";
            }
        }
    }

    private static IEnumerable<(string Field, V1Probe? Probe)> Probes(V1Container container) =>
        [("startupProbe", container.StartupProbe), ("readinessProbe", container.ReadinessProbe), ("livenessProbe", container.LivenessProbe)];

    private static bool IsCaptured(V1Container container, string port, CaptureSettings capture)
    {
        var number = container.Ports?.FirstOrDefault(p => p.Name == port)?.ContainerPort.ToString() ?? port;
        return (capture.IncludeInboundPorts == "*" || capture.IncludeInboundPorts.Split(',').Contains(number))
            && !capture.ExcludeInboundPorts.Split(',').Contains(number);
    }
}
