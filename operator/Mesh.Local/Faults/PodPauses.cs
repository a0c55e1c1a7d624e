using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Pods;

namespace Mesh.Local.Faults;

/// <summary>
/// Pods whose CPU is taken away: every process of every container is stopped (SIGSTOP), as on a machine that hangs. The
/// pod's addresses still take connections, nobody answers. Probes fail as they would; a container that is killed for it
/// starts again unpaused.
/// </summary>
internal sealed class PodPauses(MeshNodes nodes)
{
    /// <summary>A process that forks while it is being stopped leaves a child to stop in the next round.</summary>
    private const int MostRounds = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodWorker> _paused = [];

    /// <summary>Namespace/name of each, without those that are gone.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lock)
            {
                foreach (var (name, worker) in _paused.Where(p => Find(p.Key) != p.Value || Processes(p.Value).All(pid => !IsStopped(pid))).ToList()) _paused.Remove(name);
                return [.. _paused.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Stops all processes of the pod; returns how many there are.</summary>
    /// <exception cref="FaultException">No such pod runs.</exception>
    public int Pause(string ns, string pod)
    {
        var worker = Running(ns, pod);
        for (var round = 0; round < MostRounds; round++)
        {
            var running = Processes(worker).Where(pid => !IsStopped(pid)).ToList();
            if (running.Count == 0 && round > 0) break;
            foreach (var pid in running) Libc.Kill(pid, Libc.SigStop);
        }

        lock (_lock) _paused[$"{ns}/{pod}"] = worker;
        return Processes(worker).Count;
    }

    /// <exception cref="FaultException">No such pod runs.</exception>
    public int Resume(string ns, string pod)
    {
        var worker = Running(ns, pod);
        var stopped = Processes(worker).Where(IsStopped).ToList();
        foreach (var pid in stopped) Libc.Kill(pid, Libc.SigCont);
        lock (_lock) _paused.Remove($"{ns}/{pod}");
        return stopped.Count;
    }

    public void ResumeAll()
    {
        foreach (var name in All) Resume(name[..name.IndexOf('/')], name[(name.IndexOf('/') + 1)..]);
    }

    private PodWorker? Find(string name) => nodes.Find(name[..name.IndexOf('/')], name[(name.IndexOf('/') + 1)..]);

    private PodWorker Running(string ns, string pod)
    {
        var worker = nodes.Find(ns, pod) ?? throw new FaultException($"no pod {pod} runs in namespace {ns}");
        return Processes(worker).Count > 0 ? worker : throw new FaultException($"pod {ns}/{pod} has no running container");
    }

    /// <summary>All processes in the PID namespaces of the pod's containers, commands that `mesh exec` started too.</summary>
    private static List<int> Processes(PodWorker worker)
    {
        var own = worker.Containers.Select(c => c.Pid).OfType<int>().Select(NamespaceOf).OfType<string>().ToHashSet();
        if (own.Count == 0) return [];
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && NamespaceOf(pid) is { } ns && own.Contains(ns))];
    }

    private static string? NamespaceOf(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/pid").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // It ended while we looked.
        }
    }

    private static bool IsStopped(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..][0] is 'T' or 'Z';
        }
        catch (IOException)
        {
            return true; // Ended, which is stopped enough.
        }
    }
}
