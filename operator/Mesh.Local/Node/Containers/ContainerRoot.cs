using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Containers;

/// <summary>
/// The root file system of one container: the machine's own root below an overlay that takes only mount points and the
/// replaced files, then made read-only; private /tmp, /run, /dev and work directory on one tmpfs. All of it is mounted in
/// the calling thread's own mount namespace, so it vanishes with the last process in it.
/// </summary>
internal static class ContainerRoot
{
    public const string WorkDirectory = "/workdir";

    private static readonly string[] PseudoFileSystems =
    [
        "proc", "sysfs", "devtmpfs", "devpts", "tmpfs", "ramfs", "cgroup", "cgroup2", "mqueue", "hugetlbfs", "debugfs", "tracefs",
        "securityfs", "pstore", "bpf", "configfs", "fusectl", "binfmt_misc", "autofs", "nsfs", "rpc_pipefs", "efivarfs", "squashfs",
    ];

    /// <summary>The device nodes every program may expect: name, major, minor.</summary>
    private static readonly (string Name, uint Major, uint Minor)[] Devices =
    [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
    ];

    /// <summary>Builds the root over <paramref name="scratch"/> (an empty directory of the machine) and says where it is.</summary>
    public static string Build(ContainerSpec spec, string scratch)
    {
        Mount(null, "/", null, Libc.MsRec | Libc.MsPrivate, null);
        Mount("mesh", scratch, "tmpfs", Libc.MsNosuid, "mode=0755");
        var root = MakeDirectory($"{scratch}/root", "755");
        Mount("mesh", root, "overlay", Libc.MsNosuid | Libc.MsNodev,
            $"lowerdir=/,upperdir={MakeDirectory($"{scratch}/upper", "755")},workdir={MakeDirectory($"{scratch}/work", "755")}");
        BindOtherDisks(root, spec);
        foreach (var hidden in spec.Hidden) Hide(root, hidden);
        PrivateDirectories(root, scratch, spec);
        Dev(root);
        Mount("sysfs", $"{root}/sys", "sysfs", Libc.MsRdonly | Libc.MsNosuid | Libc.MsNodev | Libc.MsNoexec, null);
        foreach (var (path, text) in spec.Files) Replace(RootPath.Resolve(root, path), text);
        foreach (var mount in spec.Mounts.OrderBy(m => m.Target.Length)) Bind(root, mount);
        if (spec.WorkingDirectory is { } directory) Directory.CreateDirectory(RootPath.Resolve(root, directory));
        ReadOnly(root);
        return root;
    }

    private static void BindOtherDisks(string root, ContainerSpec spec)
    {
        foreach (var (mountPoint, type) in HostMounts())
        {
            if (mountPoint == "/" || PseudoFileSystems.Contains(type)) continue;
            if (spec.Hidden.Append("/tmp").Append("/run").Append("/dev").Any(h => IsUnder(mountPoint, h)) || spec.Files.ContainsKey(mountPoint)) continue;
            var target = root + mountPoint;
            if (!Path.Exists(target)) continue;
            // A disk that went away or refuses is left as the empty directory it stands on.
            if (Libc.Mount(mountPoint, target, null, Libc.MsBind, null) == 0) ReadOnly(target);
        }
    }

    /// <summary>Mount points and file system types of the machine, without the ones hidden beneath later mounts.</summary>
    private static IEnumerable<(string MountPoint, string Type)> HostMounts() =>
        File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' '))
            .Select(f => (f[4].Replace("\\040", " ", StringComparison.Ordinal), f[Array.IndexOf(f, "-") + 1]))
            .ToArray();

    private static void Hide(string root, string path)
    {
        var target = RootPath.Resolve(root, path);
        if (Directory.Exists(target)) Mount("hidden", target, "tmpfs", Libc.MsRdonly | Libc.MsNosuid | Libc.MsNodev, "mode=0555,size=4k");
    }

    private static void PrivateDirectories(string root, string scratch, ContainerSpec spec)
    {
        foreach (var (target, mode) in new[] { ("/tmp", "1777"), ("/var/tmp", "1777"), ("/run", "1777"), (WorkDirectory, "755") })
        {
            var source = MakeDirectory($"{scratch}/private{target}", mode);
            if (target == WorkDirectory) Libc.Check(Libc.Chown(source, spec.User, spec.Group), "chown the work directory");
            var inside = RootPath.Resolve(root, target);
            Directory.CreateDirectory(inside);
            Mount(source, inside, null, Libc.MsBind, null);
        }

        MakeDirectory($"{root}/run/lock", "1777");
    }

    private static void Dev(string root)
    {
        var dev = $"{root}/dev";
        Mount("dev", dev, "tmpfs", Libc.MsNosuid | Libc.MsNoexec, "mode=0755,size=64k");
        foreach (var (name, major, minor) in Devices)
        {
            const uint characterDevice = 0x2000;
            Libc.Check(Libc.Mknod($"{dev}/{name}", characterDevice | 0x1B6, (major << 8) | minor), $"make /dev/{name}");
            File.SetUnixFileMode($"{dev}/{name}", (UnixFileMode)0x1B6);
        }

        foreach (var (name, target) in new[] { ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx") })
            File.CreateSymbolicLink($"{dev}/{name}", target);
        Directory.CreateDirectory($"{dev}/pts");
        Mount("devpts", $"{dev}/pts", "devpts", Libc.MsNosuid | Libc.MsNoexec, "newinstance,ptmxmode=0666,mode=620");
        Directory.CreateDirectory($"{dev}/shm");
        Mount("shm", $"{dev}/shm", "tmpfs", Libc.MsNosuid | Libc.MsNodev | Libc.MsNoexec, "mode=1777,size=64m");
    }

    private static void Replace(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path); // It may be a link to somewhere that does not exist in here.
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static void Bind(string root, BindMount mount)
    {
        var target = RootPath.Resolve(root, mount.Target);
        if (Directory.Exists(mount.Source))
        {
            Directory.CreateDirectory(target);
        }
        else if (!File.Exists(target))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Create(target).Dispose();
        }

        Mount(mount.Source, target, null, Libc.MsBind, null);
        if (mount.ReadOnly) ReadOnly(target);
    }

    private static void ReadOnly(string target) =>
        Mount(null, target, null, Libc.MsRemount | Libc.MsBind | Libc.MsRdonly | Libc.MsNosuid, null);

    private static string MakeDirectory(string path, string octalMode)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(octalMode, 8));
        return path;
    }

    private static void Mount(string? source, string target, string? type, ulong flags, string? data) =>
        Libc.Check(Libc.Mount(source, target, type, flags, data), $"mount {type ?? source} on {target}");

    private static bool IsUnder(string path, string directory) =>
        path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal);
}
