namespace Mesh.Local.Node.Linux;

/// <summary>
/// One network namespace, held open by this process and named nowhere: when the process ends, however it ends, the kernel
/// takes the namespace with its links, addresses and rules. Work inside runs on a thread of its own that enters it.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private readonly NamespaceFile _file;

    private NetworkNamespace(NamespaceFile file) => _file = file;

    internal int Fd => _file.Fd;

    /// <summary>A path by which other processes of this user (ip, nsenter) can name it while this process lives.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_file.Fd}";

    public static NetworkNamespace Create()
    {
        NamespaceFile? created = null;
        OnThread("netns", () =>
        {
            Libc.Check(Libc.Unshare(Libc.CloneNewNet), "create a network namespace (needs root)");
            created = NamespaceFile.OfThisThread("net");
        });
        return new NetworkNamespace(created!);
    }

    public static NetworkNamespace Open(string path) => new(NamespaceFile.Open(path));

    /// <summary>Runs <paramref name="work"/> inside, on a thread that ends with it, so that no other work ever sees the namespace.</summary>
    public T Run<T>(Func<T> work)
    {
        T result = default!;
        OnThread("in-netns", () =>
        {
            Enter();
            result = work();
        });
        return result;
    }

    public void Run(Action work) => Run(() =>
    {
        work();
        return 0;
    });

    internal void Enter() => Libc.Check(Libc.SetNs(Fd, Libc.CloneNewNet), "enter a network namespace");

    public void Dispose() => _file.Dispose();

    private static void OnThread(string name, Action work)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception e) // Carried to the caller, who decides.
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e);
            }
        }, 256 * 1024) { Name = name, IsBackground = true };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
