using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>What this machine still has of a mesh: processes, network namespaces, links, mounts, cgroups.</summary>
internal static class Leftovers
{
    public static List<string> Of(string name)
    {
        var left = new List<string>();
        left.AddRange(ProcessTable.Below(name).Select(process => $"process {process.Id}: {process.Line}"));
        left.AddRange(Lines("ip", "netns", "list").Where(line => line.Contains(name, StringComparison.Ordinal)).Select(line => $"namespace {line}"));
        left.AddRange(Lines("ip", "-o", "link").Where(line => line.Contains(name, StringComparison.Ordinal)).Select(line => $"link {line}"));
        left.AddRange(File.ReadLines("/proc/mounts").Where(line => line.Contains(name, StringComparison.Ordinal)).Select(line => $"mount {line}"));
        left.AddRange(Lines("find", "/sys/fs/cgroup", "-maxdepth", "6", "-type", "d", "-name", $"*{name}*").Select(line => $"cgroup {line}"));
        return left;
    }

    private static string[] Lines(string program, params string[] arguments) => Command.Run(program, arguments).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
