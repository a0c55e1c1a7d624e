using System.Globalization;

namespace Mesh.Local.Node.Containers;

/// <summary>
/// Where limits of memory and CPU are enforced: control groups of the machine, version 1 (a tree for each controller, below
/// the group this process is in) or 2 (one tree). Unlike all else of a node they have names on the machine and outlive a
/// killed supervisor; so they carry the mesh's, and the next start or `mesh down` removes them.
/// </summary>
internal sealed class Cgroups
{
    private const string Mount = "/sys/fs/cgroup";

    private readonly string? _memory;
    private readonly string? _cpu;

    private Cgroups(string? memory, string? cpu, bool unified, string? missing) => (_memory, _cpu, IsUnified, Missing) = (memory, cpu, unified, missing);

    public bool IsUnified { get; }

    /// <summary>Why limits cannot be enforced here; null when they can.</summary>
    public string? Missing { get; }

    /// <summary>Finds the trees; makes nothing yet.</summary>
    public static Cgroups Find(string name)
    {
        if (File.Exists($"{Mount}/cgroup.controllers")) return FindUnified(name);
        var memory = Tree("memory", "memory.limit_in_bytes", name);
        var cpu = Tree("cpu", "cpu.cfs_quota_us", name);
        return new Cgroups(memory, cpu, false, memory is null || cpu is null ? "this machine has no writable cgroup for memory and cpu" : null);
    }

    /// <summary>A group with the limits given.</summary>
    /// <exception cref="IOException">The machine refuses.</exception>
    public ContainerGroup Create(string container, long? memoryBytes, double? cpus)
    {
        List<string> directories = [.. new[] { memoryBytes is null && !IsUnified ? null : _memory, cpus is null && !IsUnified ? null : _cpu }.OfType<string>().Distinct()
            .Select(tree => Directory.CreateDirectory(Path.Combine(tree, container)).FullName)];
        foreach (var directory in directories)
        {
            if (memoryBytes is { } bytes) Write(directory, IsUnified ? ["memory.max"] : ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"], bytes.ToString(CultureInfo.InvariantCulture));
            if (memoryBytes is not null && IsUnified) Write(directory, ["memory.swap.max"], "0");
            if (cpus is not { } share) continue;
            const int period = 100_000;
            var quota = ((int)Math.Max(1000, share * period)).ToString(CultureInfo.InvariantCulture);
            if (IsUnified) Write(directory, ["cpu.max"], $"{quota} {period}");
            else Write(directory, ["cpu.cfs_quota_us"], quota);
        }

        return new ContainerGroup(directories, IsUnified);
    }

    /// <summary>The directories under which the mesh's groups are made.</summary>
    public IEnumerable<string> Trees => new[] { _memory, _cpu }.OfType<string>().Distinct();

    /// <summary>Removes the groups below that nobody is in any more. The trees are told, for who clears may be in another group than who made them.</summary>
    public static void Clear(IEnumerable<string> trees)
    {
        foreach (var tree in trees.Where(Directory.Exists))
        {
            foreach (var directory in Directory.GetDirectories(tree).Append(tree)) ContainerGroup.Remove(directory);
        }
    }

    /// <summary>Version 2 lets processes be in leaves alone: the mesh's groups stand beside the one this process is in.</summary>
    private static Cgroups FindUnified(string name)
    {
        try
        {
            var has = File.ReadAllText($"{Mount}/cgroup.controllers").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (!has.Contains("memory") || !has.Contains("cpu")) return new Cgroups(null, null, true, "this machine's cgroups have no controllers for memory and cpu");
            File.WriteAllText($"{Mount}/cgroup.subtree_control", "+memory +cpu");
            var tree = Directory.CreateDirectory($"{Mount}/{name}").FullName;
            File.WriteAllText($"{tree}/cgroup.subtree_control", "+memory +cpu");
            return new Cgroups(tree, tree, true, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Cgroups(null, null, true, $"this machine does not let its cgroups be divided: {e.Message}");
        }
    }

    private static string? Tree(string controller, string file, string name)
    {
        var own = File.ReadLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).FirstOrDefault(f => f.Length == 3 && f[1].Split(',').Contains(controller))?[2] ?? "/";
        var tree = new[] { own, "/" }.Select(path => $"{Mount}/{controller}{path.TrimEnd('/')}").FirstOrDefault(path => Directory.Exists(path) && (path.EndsWith(controller, StringComparison.Ordinal) || File.Exists($"{path}/{file}")));
        return tree is not null && IsWritable(tree) ? $"{tree}/{name}" : null;
    }

    private static bool IsWritable(string directory) => !File.ReadLines("/proc/self/mountinfo")
        .Select(line => line.Split(' '))
        .Any(f => directory.StartsWith(f[4] + "/", StringComparison.Ordinal) && f[4].StartsWith(Mount + "/", StringComparison.Ordinal) && f[5].Split(',').Contains("ro"));

    private static void Write(string directory, string[] files, string value)
    {
        foreach (var file in files.Select(f => Path.Combine(directory, f)).Where(File.Exists)) File.WriteAllText(file, value);
    }
}
