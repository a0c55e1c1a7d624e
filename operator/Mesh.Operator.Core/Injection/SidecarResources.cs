using System.Collections.Immutable;
using k8s.Models;

namespace Mesh.Operator.Core.Injection;

/// <summary>What the sidecar asks of its node, and what it may take at most.</summary>
internal static class SidecarResources
{
    public const string Cpu = "sidecar.istio.io/proxyCPU";
    public const string CpuLimit = "sidecar.istio.io/proxyCPULimit";
    public const string Memory = "sidecar.istio.io/proxyMemory";
    public const string MemoryLimit = "sidecar.istio.io/proxyMemoryLimit";

    public static V1ResourceRequirements Read(IDictionary<string, string> annotations, ImmutableArray<string>.Builder problems)
    {
        var (cpu, cpuLimit, memory, memoryLimit) =
            (Quantity(annotations, Cpu, problems), Quantity(annotations, CpuLimit, problems), Quantity(annotations, Memory, problems), Quantity(annotations, MemoryLimit, problems));
        // As in Istio: who sets any of the four takes all of them into their own hands.
        var own = cpu is not null || cpuLimit is not null || memory is not null || memoryLimit is not null;
        var requests = own ? Map(cpu, memory) : Map(new ResourceQuantity("100m"), new ResourceQuantity("128Mi"));
        var limits = own ? Map(cpuLimit, memoryLimit) : Map(new ResourceQuantity("2"), new ResourceQuantity("1Gi"));
        return new V1ResourceRequirements { Requests = requests, Limits = limits };
    }

    private static ResourceQuantity? Quantity(IDictionary<string, string> annotations, string name, ImmutableArray<string>.Builder problems)
    {
        if (!annotations.TryGetValue(name, out var text)) return null;
        try
        {
            var quantity = new ResourceQuantity(text);
            if (quantity.ToDecimal() >= 0) return quantity;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            // Told below.
        }

        problems.Add($"metadata.annotations[{name}]: \"{text}\" is no quantity. Write for example 100m or 128Mi.");
        return null;
    }

    private static Dictionary<string, ResourceQuantity>? Map(ResourceQuantity? cpu, ResourceQuantity? memory)
    {
        var map = new Dictionary<string, ResourceQuantity>();
        if (cpu is { } c) map["cpu"] = c;
        if (memory is { } m) map["memory"] = m;
        return map.Count == 0 ? null : map;
    }
}
