using System.Globalization;
using System.Runtime.InteropServices;
using k8s.Models;
using Mesh.Local.Node.Network;

namespace Mesh.Local.Node;

/// <summary>The Node as its agent tells it: what it is called, what it has, how it is. All nodes share one machine and each names all of it.</summary>
internal static class NodeObject
{
    private const string MostPods = "1000";

    public static V1Node Build(NodeIdentity identity, AddressPlan plan) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = identity.Name,
            Labels = new Dictionary<string, string>
            {
                ["beta.kubernetes.io/arch"] = Architecture,
                ["beta.kubernetes.io/os"] = "linux",
                ["kubernetes.io/arch"] = Architecture,
                ["kubernetes.io/hostname"] = identity.Name,
                ["kubernetes.io/os"] = "linux",
                ["topology.kubernetes.io/region"] = NodeIdentity.Region,
                ["topology.kubernetes.io/zone"] = identity.Zone,
            },
            Annotations = new Dictionary<string, string> { ["node.alpha.kubernetes.io/ttl"] = "0" },
        },
        Spec = new V1NodeSpec { PodCIDR = plan.Pods.ToString(), PodCIDRs = [plan.Pods.ToString()] },
    };

    /// <summary>The status; a condition that was True before keeps the time since when.</summary>
    public static V1NodeStatus Status(NodeIdentity identity, AddressPlan plan, V1Node? before, DateTime now) => new()
    {
        Addresses =
        [
            new V1NodeAddress { Type = "InternalIP", Address = plan.Node.ToString() },
            new V1NodeAddress { Type = "Hostname", Address = identity.Name },
        ],
        Conditions =
        [
            Condition(before, "MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
            Condition(before, "DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
            Condition(before, "PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
            Condition(before, "Ready", true, "KubeletReady", "kubelet is posting ready status", now),
        ],
        Capacity = Resources(),
        Allocatable = Resources(),
        NodeInfo = new V1NodeSystemInfo
        {
            KubeletVersion = "v1.36.0+mesh",
            OperatingSystem = "linux",
            OsImage = RuntimeInformation.OSDescription,
            KernelVersion = Environment.OSVersion.Version.ToString(),
            ContainerRuntimeVersion = "mesh://0.1.0",
            Architecture = Architecture,
            MachineID = "",
            SystemUUID = "",
            BootID = BootId(),
            KubeProxyVersion = "",
        },
    };

    private static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    private static V1NodeCondition Condition(V1Node? before, string type, bool holds, string reason, string message, DateTime now)
    {
        var status = holds ? "True" : "False";
        var known = before?.Status?.Conditions?.FirstOrDefault(c => c.Type == type && c.Status == status);
        return new V1NodeCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastHeartbeatTime = now,
            LastTransitionTime = known?.LastTransitionTime ?? now,
        };
    }

    private static Dictionary<string, ResourceQuantity> Resources() => new()
    {
        ["cpu"] = new ResourceQuantity(Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        ["memory"] = new ResourceQuantity($"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki"),
        ["pods"] = new ResourceQuantity(MostPods),
    };

    private static string BootId()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
    }
}
