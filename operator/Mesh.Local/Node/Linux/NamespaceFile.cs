using Microsoft.Win32.SafeHandles;

namespace Mesh.Local.Node.Linux;

/// <summary>An open reference to one kernel namespace. As long as it is open the namespace lives; nothing on disk names it.</summary>
internal sealed class NamespaceFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private NamespaceFile(SafeFileHandle handle) => _handle = handle;

    public int Fd => (int)_handle.DangerousGetHandle();

    /// <summary>The namespace of the calling thread; <paramref name="kind"/> is net, mnt or pid.</summary>
    public static NamespaceFile OfThisThread(string kind) => Open($"/proc/self/task/{Libc.GetTid()}/ns/{kind}");

    /// <summary>The namespace of the main thread of this process, where the supervisor's own work runs.</summary>
    public static NamespaceFile OfThisProcess(string kind) => Open($"/proc/self/ns/{kind}");

    public static NamespaceFile Open(string path)
    {
        var fd = Libc.Check(Libc.Open(path, Libc.ORdonly | Libc.OCloexec, 0), $"open {path}");
        return new NamespaceFile(new SafeFileHandle(fd, ownsHandle: true));
    }

    public void Dispose() => _handle.Dispose();
}
