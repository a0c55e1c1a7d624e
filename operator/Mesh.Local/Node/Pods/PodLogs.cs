using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>Where containers' logs lie: one directory a pod, one a container, one file a run.</summary>
internal static class PodLogs
{
    public static string PathOf(string directory, V1Pod pod, string container, int run) =>
        Path.Combine(DirectoryOf(directory, pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Metadata.Uid), container, $"{run}.log");

    public static string DirectoryOf(string directory, string ns, string pod, string uid) => Path.Combine(directory, "logs", $"{ns}_{pod}_{uid}");

    /// <summary>The newest run's file, or the one before it; null when there is none.</summary>
    public static string? Find(string podDirectory, string container, bool previous)
    {
        var directory = Path.Combine(podDirectory, container);
        if (!Directory.Exists(directory)) return null;
        return Directory.GetFiles(directory, "*.log")
            .OrderByDescending(f => int.Parse(Path.GetFileNameWithoutExtension(f), System.Globalization.CultureInfo.InvariantCulture))
            .Skip(previous ? 1 : 0)
            .FirstOrDefault();
    }
}
