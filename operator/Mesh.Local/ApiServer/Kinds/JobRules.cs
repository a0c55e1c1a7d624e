using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Kinds;

/// <summary>What is special about Jobs: their defaults, and a selector of the server's own making.</summary>
internal static class JobRules
{
    public static void Default(JsonObject spec, JsonObject item)
    {
        // One that says how many may run but not how many must succeed is done with the first success.
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
            spec["parallelism"] = 1;
        }

        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("manualSelector", false);
        spec.Default("podReplacementPolicy", "TerminatingOrFailed");
        if (item["metadata"] is JsonObject metadata && metadata["labels"] is null or JsonObject { Count: 0 } && spec.Map("template", "metadata", "labels") is { Count: > 0 } labels)
            item.Section("metadata")["labels"] = labels.DeepClone();
    }

    /// <summary>A Job's pods are told apart by the Job's own uid.</summary>
    public static void Select(JsonObject item)
    {
        var spec = item.Section("spec");
        if (spec.Flag("manualSelector"))
            return;
        var uid = item.Text("metadata", "uid")!;
        var name = item.Text("metadata", "name") ?? "";
        foreach (var labels in (JsonObject[])[item.Section("metadata").Section("labels"), spec.Section("template").Section("metadata").Section("labels")])
        {
            labels["batch.kubernetes.io/controller-uid"] = uid;
            labels["controller-uid"] = uid;
            labels["batch.kubernetes.io/job-name"] = name;
            labels["job-name"] = name;
        }

        spec.Section("selector").Section("matchLabels")["batch.kubernetes.io/controller-uid"] = uid;
    }
}
