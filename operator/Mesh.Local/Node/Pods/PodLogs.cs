using k8s.Models;

namespace Mesh.Local.Node.Pods;

/// <summary>Where containers' logs lie: one directory a pod, one a container, one file a run.</summary>
internal static class PodLogs
{
    public static string PathOf(string directory, V1Pod pod, string container, int run) =>
        Path.Combine(DirectoryOf(directory, pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Metadata.Uid), container, $"{run}.log");

    public static string DirectoryOf(string directory, string ns, string pod, string uid) => Path.Combine(directory, "logs", $"{ns}_{pod}_{uid}");

    /// <summary>The log of the newest run, or of one <paramref name="back"/> before it; null when there is none.</summary>
    public static string? Find(string podDirectory, string container, int back = 0)
    {
        var directory = Path.Combine(podDirectory, container);
        return Directory.Exists(directory) ? Directory.GetFiles(directory, "*.log").OrderByDescending(RunOf).Skip(back).FirstOrDefault() : null;
    }

    /// <summary>Which run a log is of: a container's restarts before it.</summary>
    public static int RunOf(string path) => int.Parse(Path.GetFileNameWithoutExtension(path), System.Globalization.CultureInfo.InvariantCulture);
}
