using Mesh.Local.ApiServer.Http;
using Mesh.Local.ApiServer.Json;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Streaming;

/// <summary>Which container of a pod is meant, and whether the pod is anywhere at all.</summary>
internal static class PodContainers
{
    public static string Choose(StoredObject pod, string? wanted)
    {
        var main = Names(pod, "containers");
        var all = (List<string>)[.. Names(pod, "initContainers"), .. main, .. Names(pod, "ephemeralContainers")];
        if (!string.IsNullOrEmpty(wanted))
            return all.Contains(wanted) ? wanted : throw StatusException.BadRequest($"container {wanted} is not valid for pod {pod.Name}");
        return main.Count == 1
            ? main[0]
            : throw StatusException.BadRequest($"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', all)}]");
    }

    /// <summary>The nodes' streams, for a pod that is on one.</summary>
    public static PodStreams On(StoredObject pod, ApiRequest request, PodStreams? nodes)
    {
        if (pod.Json.Text("spec", "nodeName") is not { Length: > 0 } node)
            throw StatusException.BadRequest($"pod {pod.Name} does not have a host assigned");
        return nodes ?? throw StatusException.NotFound(request.Resource, node);
    }

    private static List<string> Names(StoredObject pod, string list) => [.. pod.Json.Items("spec", list).Select(container => container.Text("name") ?? "")];
}
