using System.Globalization;

namespace Mesh.Local.Node.Containers;

/// <summary>The control group of one run of a container; disposed when its processes have ended.</summary>
internal sealed class ContainerGroup(IReadOnlyList<string> directories, bool unified) : IDisposable
{
    /// <summary>The process and all it will start.</summary>
    public void Add(int pid)
    {
        foreach (var directory in directories) File.WriteAllText(Path.Combine(directory, "cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Whether the kernel killed one of its processes for want of memory.</summary>
    public bool RanOutOfMemory() => directories
        .Select(directory => Path.Combine(directory, unified ? "memory.events" : "memory.oom_control"))
        .Where(File.Exists)
        .SelectMany(File.ReadLines)
        .Any(line => line.StartsWith("oom_kill ", StringComparison.Ordinal) && line != "oom_kill 0");

    public void Dispose()
    {
        foreach (var directory in directories) Remove(directory);
    }

    /// <summary>A group that somebody is still in stays; the mesh's end removes it.</summary>
    public static void Remove(string directory)
    {
        try
        {
            Directory.Delete(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its processes are ending.
        }
    }
}
