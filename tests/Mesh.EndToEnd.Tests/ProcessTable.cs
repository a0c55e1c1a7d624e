using System.Globalization;
using System.Runtime.InteropServices;

namespace Mesh.EndToEnd.Tests;

/// <summary>Processes of a mesh: those whose command line or environment bears its name, and all they started.</summary>
internal static class ProcessTable
{
    /// <summary>A process, its command line and environment in one text.</summary>
    public sealed record Entry(int Id, int Parent, string Line);

    /// <summary>The mesh's processes, without the tests themselves.</summary>
    public static IReadOnlyList<Entry> Below(string meshName)
    {
        var all = Read();
        var ours = all.Where(entry => entry.Line.Contains(meshName, StringComparison.Ordinal)).Select(entry => entry.Id).ToHashSet();
        for (var grown = true; grown;)
        {
            var children = all.Where(entry => ours.Contains(entry.Parent) && !ours.Contains(entry.Id)).ToList();
            ours.UnionWith(children.Select(entry => entry.Id));
            grown = children.Count > 0;
        }
        ours.Remove(Environment.ProcessId);
        return [.. all.Where(entry => ours.Contains(entry.Id))];
    }

    /// <summary>SIGKILL: what a crash or the kernel's memory killer looks like from outside.</summary>
    public static void Kill(int id)
    {
        if (Signal(id, 9) != 0) throw new InvalidOperationException($"kill -9 {id}: errno {Marshal.GetLastPInvokeError()}");
    }

    private static List<Entry> Read()
    {
        var entries = new List<Entry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                var stat = File.ReadAllText($"{directory}/stat");
                // The name in brackets may hold anything; what follows the last bracket is "state parent …".
                var parent = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
                entries.Add(new Entry(id, parent, $"{File.ReadAllText($"{directory}/cmdline")}\n{File.ReadAllText($"{directory}/environ")}".Replace('\0', ' ')));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }
        }
        return entries;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int id, int signal);
}
