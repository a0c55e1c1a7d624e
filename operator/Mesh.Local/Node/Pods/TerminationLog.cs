using System.Text;
using k8s.Models;
using Mesh.Local.Node.Containers;

namespace Mesh.Local.Node.Pods;

/// <summary>The file in which a container may say why it ended; without a word there, and where asked for, the end of its log speaks.</summary>
internal static class TerminationLog
{
    private const string DefaultPath = "/dev/termination-log";
    private const int MostBytes = 4096;
    private const int MostLogBytes = 2048;
    private const int MostLogLines = 80;

    /// <summary>An empty file that everybody may write, to be mounted where the container looks for it.</summary>
    public static BindMount Create(PodContext context, V1Container container)
    {
        var path = PathOf(context, container);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        File.SetUnixFileMode(path, (UnixFileMode)0x1B6);
        return new BindMount(path, string.IsNullOrEmpty(container.TerminationMessagePath) ? DefaultPath : container.TerminationMessagePath, false);
    }

    /// <summary>What the run that just ended said, or null.</summary>
    public static string? Read(PodContext context, V1Container container, int exitCode, string log)
    {
        var said = Tail(PathOf(context, container), MostBytes, first: true);
        if (said.Length > 0) return said;
        return exitCode != 0 && container.TerminationMessagePolicy == "FallbackToLogsOnError" ? LastLines(log) : null;
    }

    private static string PathOf(PodContext context, V1Container container) => Path.Combine(context.Directory, "termination", container.Name);

    private static string LastLines(string log)
    {
        var lines = Tail(log, MostLogBytes * 2, first: false).Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(MostLogLines)
            .Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..] + "\n");
        var text = string.Concat(lines);
        return text.Length <= MostLogBytes ? text : text[^MostLogBytes..];
    }

    private static string Tail(string path, int most, bool first)
    {
        if (!File.Exists(path)) return "";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (!first && file.Length > most) file.Position = file.Length - most;
        var bytes = new byte[most];
        return Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, most, throwOnEndOfStream: false));
    }
}
