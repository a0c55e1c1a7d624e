using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;
using Mesh.Local.ApiServer.Writes;

namespace Mesh.Local.ApiServer.Subresources;

/// <summary>Pods: put on a node, and their logs read.</summary>
internal sealed class PodSubresources(
    ReadHandler reads, ObjectWrites writes, PodLogSource? logs, TimeProvider time, CancellationToken stopping)
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

    public async Task LogAsync(ApiRequest request)
    {
        var pod = reads.Find(request);
        var container = Container(request, pod);
        if (pod.Json.Text("spec", "nodeName") is not { Length: > 0 } node)
        {
            request.Context.Response.StatusCode = 204;
            return;
        }

        if (logs is null)
            throw StatusException.NotFound(request.Resource, node);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Cancellation, stopping);
        await using var stream = await logs(
            new PodLogRequest
            {
                Namespace = pod.Namespace,
                Pod = pod.Name,
                PodUid = pod.Uid,
                Container = container,
                Follow = request.QueryFlag("follow"),
                Previous = request.QueryFlag("previous"),
                Timestamps = request.QueryFlag("timestamps"),
                TailLines = request.QueryNumber("tailLines"),
                LimitBytes = request.QueryNumber("limitBytes"),
                Since = Since(request),
            },
            end.Token);
        if (stream is null)
        {
            throw StatusException.BadRequest(
                $"{(request.QueryFlag("previous") ? "previous terminated " : "")}container \"{container}\" in pod \"{pod.Name}\" {(request.QueryFlag("previous") ? "not found" : "is waiting to start: " + Waiting(pod, container))}");
        }

        await CopyAsync(request, stream, end.Token);
    }

    private static async Task CopyAsync(ApiRequest request, Stream stream, CancellationToken end)
    {
        request.Context.Response.ContentType = "text/plain";
        await request.Context.Response.StartAsync(end);
        await request.Context.Response.Body.FlushAsync(end);
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, end)) > 0)
            {
                await request.Context.Response.Body.WriteAsync(buffer.AsMemory(0, read), end);
                await request.Context.Response.Body.FlushAsync(end);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The reader left or the server stops; the log simply ends.
        }
    }

    private DateTimeOffset? Since(ApiRequest request)
    {
        if (request.QueryNumber("sinceSeconds") is { } seconds)
            return time.GetUtcNow().AddSeconds(-seconds);
        return DateTimeOffset.TryParse(request.Query("sinceTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since) ? since : null;
    }

    private static string Container(ApiRequest request, StoredObject pod)
    {
        var main = Names(pod, "containers");
        var all = (List<string>)[.. Names(pod, "initContainers"), .. main, .. Names(pod, "ephemeralContainers")];
        if (request.Query("container") is { Length: > 0 } wanted)
            return all.Contains(wanted) ? wanted : throw StatusException.BadRequest($"container {wanted} is not valid for pod {pod.Name}");
        if (main.Count == 1 && all.Count == 1)
            return main[0];
        throw StatusException.BadRequest($"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', all)}]");
    }

    private static List<string> Names(StoredObject pod, string list) => [.. pod.Json.Items("spec", list).Select(container => container.Text("name") ?? "")];

    private static string Waiting(StoredObject pod, string container) => ((string[])["containerStatuses", "initContainerStatuses"])
        .SelectMany(list => pod.Json.Items("status", list))
        .Where(status => status.Text("name") == container)
        .Select(status => status.Text("state", "waiting", "reason"))
        .FirstOrDefault() ?? "ContainerCreating";

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
