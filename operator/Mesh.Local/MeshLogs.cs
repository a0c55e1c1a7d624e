using Mesh.Local.ApiServer;
using Mesh.Local.Node;

namespace Mesh.Local;

/// <summary>Containers' logs from the mesh's state, also of a mesh that has ended.</summary>
public static class MeshLogs
{
    /// <summary>The newest pod of the name that has logs: its namespace, uid and the containers that wrote.</summary>
    public static (string PodUid, IReadOnlyList<string> Containers)? Find(MeshPaths paths, string ns, string pod)
    {
        var logs = Path.Combine(paths.Node, "logs");
        if (!Directory.Exists(logs)) return null;
        var found = new DirectoryInfo(logs).GetDirectories($"{ns}_{pod}_*").OrderByDescending(d => d.LastWriteTimeUtc).FirstOrDefault();
        return found is null ? null : (found.Name[(found.Name.LastIndexOf('_') + 1)..], [.. found.GetDirectories().Select(d => d.Name).Order(StringComparer.Ordinal)]);
    }

    /// <summary>A log as a stream that goes on while the container runs, when asked to follow.</summary>
    public static ValueTask<Stream?> OpenAsync(MeshPaths paths, PodLogRequest request, TimeProvider time, CancellationToken cancellation)
    {
        var running = Path.Combine(paths.Node, "running", request.Namespace, request.Pod, request.Container + ".json");
        return new ContainerLogReader(paths.Node, time).OpenAsync(request, null, _ => File.Exists(running) && MeshLock.IsHeld(paths), cancellation);
    }
}
