using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Selection;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Subresources;

/// <summary>Pods: put on a node, and evicted within their disruption budgets.</summary>
internal sealed class PodSubresources(ObjectStore store, ReadHandler reads, ObjectWrites writes, TimeProvider time)
{
    public async Task BindAsync(ApiRequest request)
    {
        var binding = await RequestBody.ReadObjectAsync(request);
        if (binding.Text("target", "name") is not { Length: > 0 } node)
            throw new StatusException(500, null, "target.name: Required value");
        await writes.UpdateAsync(
            WriteRequest.Of(request) with { Subresource = "binding" },
            before =>
            {
                if (before.Json.Text("spec", "nodeName") is { Length: > 0 } taken)
                    throw StatusException.Conflict(request.Resource with { Plural = "pods/binding" }, request.Name, $"pod {request.Name} is already assigned to node \"{taken}\"");
                if (before.IsTerminating)
                    throw StatusException.Conflict(request.Resource with { Plural = "pods/binding" }, request.Name, $"pod {request.Name} is being deleted, cannot be assigned to a host");
                return Bound(before, binding, node);
            },
            request.Cancellation);
        await Answers.WriteAsync(request.Context, 201, Success(201));
    }

    public async Task EvictAsync(ApiRequest request)
    {
        var eviction = await RequestBody.ReadObjectAsync(request);
        var pod = reads.Find(request);
        var budgets = store.Collection("poddisruptionbudgets.policy").State.Values
            .Where(budget => budget.Namespace == pod.Namespace && LabelSelector.FromObject(budget.Json.At("spec", "selector")).Matches(pod.Json))
            .ToList();
        var running = pod.Json.Text("status", "phase") is not ("Succeeded" or "Failed" or "Pending");
        if (running && budgets.Count > 1)
            throw new StatusException(500, null, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        if (running && budgets.Count == 1 && (budgets[0].Json.Integer("status", "disruptionsAllowed") ?? 0) <= 0)
            throw Budget(budgets[0]);
        var options = DeleteRequest.Of(request, eviction["deleteOptions"] as JsonObject);
        await writes.DeleteAsync(WriteRequest.Of(request) with { Subresource = "" }, options, request.Cancellation);
        await Answers.WriteAsync(request.Context, 201, Success(201));
    }

    private JsonObject Bound(StoredObject before, JsonObject binding, string node)
    {
        var pod = before.Edit();
        pod.Section("spec")["nodeName"] = node;
        foreach (var (key, value) in binding.Map("metadata", "annotations") ?? [])
            pod.Section("metadata").Section("annotations")[key] = value?.DeepClone();
        var conditions = pod.Section("status")["conditions"] as JsonArray ?? [];
        var others = conditions.Where(condition => condition.Text("type") != "PodScheduled").Select(condition => condition!.DeepClone());
        pod.Section("status")["conditions"] = new JsonArray([.. others, new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "True",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = Timestamps.Seconds(time.GetUtcNow()),
        }]);
        return pod;
    }

    private static StatusException Budget(StoredObject budget) => new(
        429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "DisruptionBudget",
                ["message"] = $"The disruption budget {budget.Name} needs {budget.Json.Integer("status", "desiredHealthy") ?? 0} healthy pods and has {budget.Json.Integer("status", "currentHealthy") ?? 0} currently",
            }),
        });

    private static JsonObject Success(int code) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["code"] = code,
    };
}
