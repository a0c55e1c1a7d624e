namespace Mesh.Local.Node.Linux;

/// <summary>
/// A mount namespace that several containers start from: what is mounted here (a pod's tmpfs volumes) all of them see, and
/// it is gone with the last of them and this handle.
/// </summary>
internal sealed class MountNamespace : IDisposable
{
    private readonly NamespaceFile _file;

    private MountNamespace(NamespaceFile file) => _file = file;

    /// <summary>A copy of the machine's mounts with <paramref name="mounts"/> (directory, mount options) as tmpfs on top.</summary>
    public static MountNamespace WithMemory(IEnumerable<(string Directory, string Options)> mounts)
    {
        NamespaceFile? file = null;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Libc.Check(Libc.Unshare(Libc.CloneNewNs), "create a mount namespace (needs root)");
                Libc.Check(Libc.Mount(null, "/", null, Libc.MsRec | Libc.MsPrivate, null), "make mounts private");
                foreach (var (directory, options) in mounts)
                    Libc.Check(Libc.Mount("mesh", directory, "tmpfs", Libc.MsNosuid | Libc.MsNodev, options), $"mount tmpfs on {directory}");
                file = NamespaceFile.OfThisThread("mnt");
            }
            catch (Exception e) // Carried to the caller, who decides.
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
            }
        }, 256 * 1024) { Name = "mounts", IsBackground = true };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return new MountNamespace(file!);
    }

    /// <summary>Does <paramref name="work"/> where these mounts are seen: what it writes to them never reaches the machine's disk.</summary>
    public T Run<T>(Func<T> work)
    {
        var result = default(T);
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = work();
            }
            catch (Exception e) // Carried to the caller, who decides.
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
            }
        }, 512 * 1024) { Name = "mounts", IsBackground = true };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    /// <summary>Moves the calling thread into this namespace; it must end there, or make a copy of its own.</summary>
    public void Enter()
    {
        Libc.Check(Libc.Unshare(Libc.CloneFs), "separate a thread's root");
        Libc.Check(Libc.SetNs(_file.Fd, Libc.CloneNewNs), "enter the pod's mount namespace");
    }

    public void Dispose() => _file.Dispose();
}
