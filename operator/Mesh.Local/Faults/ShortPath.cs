using Mesh.Local.Node.Linux;

namespace Mesh.Local.Faults;

/// <summary>Another, short way to a file in a deep directory: a Unix socket's path has room for 107 bytes, a clone's may have more.</summary>
internal sealed class ShortPath : IDisposable
{
    private readonly int _directory;

    private ShortPath(string path, int directory) => (Path, _directory) = (path, directory);

    public string Path { get; }

    public static ShortPath To(string path)
    {
        var directory = System.IO.Path.GetDirectoryName(path)!;
        var opened = Libc.Check(Libc.Open(directory, Libc.ORdonly | Libc.ODirectory | Libc.OCloexec, 0), $"open {directory}");
        return new ShortPath($"/proc/self/fd/{opened}/{System.IO.Path.GetFileName(path)}", opened);
    }

    public void Dispose() => Libc.Close(_directory);
}
