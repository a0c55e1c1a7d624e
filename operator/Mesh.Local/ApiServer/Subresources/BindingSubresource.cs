using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Subresources;

/// <summary>Puts a pod on a node, which only this does: its spec cannot be changed to say so.</summary>
internal sealed class BindingSubresource(ObjectWrites writes, TimeProvider time)
{
    public async Task AnswerAsync(ApiRequest request)
    {
        var binding = await RequestBody.ReadObjectAsync(request);
        if (request.Resource.Kind == "Binding")
            request = OfPod(request, binding.Text("metadata", "name") ?? "");
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

    /// <summary>A binding posted by itself names its pod.</summary>
    private static ApiRequest OfPod(ApiRequest request, string pod)
    {
        var pods = request.Catalog.Find("", "pods")!;
        return request with { Resource = pods, Version = pods.StorageVersion, Name = pod };
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

    public static JsonObject Success(int code) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["code"] = code,
    };
}
