using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Mesh.Local.Node;

/// <summary>
/// A pod's status as a strategic merge patch: conditions are merged by type, so that those which others write for readiness
/// gates stay theirs; the lists of addresses are replaced whole. Pure.
/// </summary>
internal static class PodStatusPatch
{
    private static readonly string[] Replaced = ["hostIPs", "podIPs"];

    public static string Build(V1Pod pod, V1PodStatus status)
    {
        var content = JsonNode.Parse(KubernetesJson.Serialize(status))!.AsObject();
        foreach (var list in Replaced.Select(name => content[name]).OfType<JsonArray>()) list.Insert(0, new JsonObject { ["$patch"] = "replace" });
        foreach (var condition in content["conditions"]!.AsArray().OfType<JsonObject>())
        {
            // What is not said any more has to be taken back.
            foreach (var field in new[] { "reason", "message" }) condition.TryAdd(field, null);
        }

        // The uid keeps the status of a pod from landing on a new one of the same name.
        return new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid }, ["status"] = content }.ToJsonString();
    }
}
