using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>A pod's quality of service, from what its containers request and may use.</summary>
internal static class QualityOfService
{
    public static string Of(JsonObject spec)
    {
        var containers = PodTemplateDefaults.Items(spec["initContainers"]).Concat(PodTemplateDefaults.Items(spec["containers"])).ToList();
        var anything = containers.Any(container => Amounts(container, "requests").Count > 0 || Amounts(container, "limits").Count > 0);
        if (!anything)
            return "BestEffort";
        return containers.All(IsGuaranteed) ? "Guaranteed" : "Burstable";
    }

    private static bool IsGuaranteed(JsonObject container)
    {
        var (limits, requests) = (Amounts(container, "limits"), Amounts(container, "requests"));
        return limits.ContainsKey("cpu") && limits.ContainsKey("memory")
            && limits.All(limit => !requests.TryGetValue(limit.Key, out var request) || request == limit.Value);
    }

    private static Dictionary<string, string> Amounts(JsonObject container, string kind) => (container.Map("resources", kind) ?? [])
        .Where(pair => pair.Key is "cpu" or "memory")
        .ToDictionary(pair => pair.Key, pair => pair.Value!.ToJsonString());
}
