using System.Runtime.InteropServices;

namespace Mesh.Sidecar.Tests.Hosting;

/// <summary>What a kubelet's atomic writer does to a mounted directory: a new directory, a new link to it, renamed over the old link.</summary>
internal static class KubeletMount
{
    /// <summary>From now on the directory holds these files and no others.</summary>
    public static void Swap(string directory, params (string Name, byte[] Content)[] files)
    {
        var version = Directory.CreateDirectory(Path.Combine(directory, "..v" + Guid.NewGuid().ToString("N"))).Name;
        foreach (var (name, content) in files) File.WriteAllBytes(Path.Combine(directory, version, name), content);
        File.CreateSymbolicLink(Path.Combine(directory, "..data_tmp"), version);
        Assert.Equal(0, Rename(Path.Combine(directory, "..data_tmp"), Path.Combine(directory, "..data")));
        foreach (var link in new DirectoryInfo(directory).EnumerateFileSystemInfos().Where(entry => entry.LinkTarget?.StartsWith("..data/", StringComparison.Ordinal) == true).ToList())
            if (!files.Any(file => file.Name == link.Name)) link.Delete();
        foreach (var (name, _) in files)
            if (new FileInfo(Path.Combine(directory, name)).LinkTarget is null) File.CreateSymbolicLink(Path.Combine(directory, name), Path.Combine("..data", name));
    }

    // File.Move refuses to move a link to a directory over another.
    [DllImport("libc", EntryPoint = "rename", SetLastError = true)]
    private static extern int Rename([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
}
