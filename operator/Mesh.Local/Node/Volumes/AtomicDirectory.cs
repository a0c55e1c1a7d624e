using System.Collections.Immutable;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Volumes;

/// <summary>
/// Volumes are directories made from objects. This one changes whole at once, as a kubelet's do: the files lie in a directory
/// named by time, <c>..data</c> is a link to it, and each name shown is a link through <c>..data</c>; swapping that one link
/// swaps all files. A reader sees the old set or the new, never a mixture.
/// </summary>
internal static class AtomicDirectory
{
    private const string Data = "..data";

    /// <summary>Whose a group's files are, it may at least read.</summary>
    private const UnixFileMode GroupRead = UnixFileMode.UserRead | UnixFileMode.GroupRead;

    /// <summary>Makes the directory hold exactly <paramref name="files"/>; false when it did already.</summary>
    public static bool Write(string directory, ImmutableSortedDictionary<string, VolumeFile> files, uint? group, DateTimeOffset now, Random random)
    {
        if (group is not null) files = files.ToImmutableSortedDictionary(f => f.Key, f => f.Value with { Mode = f.Value.Mode | GroupRead }, files.KeyComparer);
        Directory.CreateDirectory(directory);
        var link = Path.Combine(directory, Data);
        var old = new FileInfo(link).LinkTarget;
        if (old is not null && Holds(Path.Combine(directory, old), files)) return false;

        var name = $"..{now.UtcDateTime:yyyy_MM_dd_HH_mm_ss}.{random.NextInt64(1_000_000_000, 9_999_999_999)}";
        Fill(Path.Combine(directory, name), files, group);
        File.Delete(Path.Combine(directory, "..data_tmp"));
        File.CreateSymbolicLink(Path.Combine(directory, "..data_tmp"), name);
        // File.Move takes a link to a directory for no file; rename(2) is what makes the swap atomic anyway.
        Libc.Check(Libc.Rename(Path.Combine(directory, "..data_tmp"), link), $"swap {link}");

        var shown = files.Keys.Select(First).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in shown.Where(entry => new FileInfo(Path.Combine(directory, entry)).LinkTarget is null))
            File.CreateSymbolicLink(Path.Combine(directory, entry), $"{Data}/{entry}");
        foreach (var entry in Directory.GetFileSystemEntries(directory).Select(Path.GetFileName))
        {
            if (!entry!.StartsWith("..", StringComparison.Ordinal) && !shown.Contains(entry)) File.Delete(Path.Combine(directory, entry));
        }

        if (old is not null) Directory.Delete(Path.Combine(directory, old), recursive: true);
        return true;
    }

    private static void Fill(string directory, ImmutableSortedDictionary<string, VolumeFile> files, uint? group)
    {
        MakeDirectory(directory);
        foreach (var (path, file) in files)
        {
            var target = Path.Combine(directory, path);
            for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1)) MakeDirectory(Path.Combine(directory, path[..slash]));
            File.WriteAllBytes(target, file.Content);
            // The owner first: giving a file away takes bits of its mode.
            if (group is { } owner) Libc.Check(Libc.Chown(target, 0, owner), $"give {target} to group {owner}");
            File.SetUnixFileMode(target, file.Mode);
        }
    }

    private static void MakeDirectory(string path)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)0x1ED); // 0755
    }

    private static bool Holds(string directory, ImmutableSortedDictionary<string, VolumeFile> files)
    {
        if (!Directory.Exists(directory)) return false;
        var there = Directory.GetFiles(directory, "*", SearchOption.AllDirectories);
        return there.Length == files.Count && files.All(f =>
        {
            var path = Path.Combine(directory, f.Key);
            return File.Exists(path) && File.GetUnixFileMode(path) == f.Value.Mode && File.ReadAllBytes(path).AsSpan().SequenceEqual(f.Value.Content);
        });
    }

    private static string First(string path) => path.IndexOf('/') is >= 0 and var slash ? path[..slash] : path;
}
