using System.Collections.Immutable;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node.Containers;

/// <summary>Starts a container and commands inside a running one.</summary>
internal static class ContainerProcess
{
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// Starts number 1 of the container. util-linux does the last steps from inside: unshare mounts the new /proc (only a
    /// process in the new PID namespace can), setpriv gives up identity and capabilities and asks for death with us.
    /// </summary>
    /// <exception cref="ContainerStartException">The command does not exist or a mount failed.</exception>
    public static Task<ChildProcess> StartAsync(ContainerSpec spec, string scratch, Action<ReadOnlyMemory<byte>, bool> onOutput) =>
        ChildProcess.StartAsync($"ctr-{spec.Name}", () =>
        {
            try
            {
                Libc.Umask(0x12); // 022: what we create in the container is for its users to read.
                spec.PodMounts?.Enter();
                Libc.Check(Libc.Unshare(Libc.CloneNewNs | Libc.CloneNewUts), "create a mount namespace (needs root)");
                Libc.Check(Libc.SetHostName(spec.HostName, System.Text.Encoding.UTF8.GetByteCount(spec.HostName)), "set the host name");
                var root = BuildIn(spec, scratch);
                RequireCommand(spec, spec.Command[0], root);
                return Request(spec, root);
            }
            catch (IOException e)
            {
                throw new ContainerStartException("ContainerCannotRun", e.Message, 128);
            }
        }, new ProcessStreams { Output = onOutput, Input = spec.Input, Apart = true, Owner = spec.User });

    /// <summary>The command that runs <paramref name="command"/> inside the container whose number 1 is <paramref name="pid"/>.</summary>
    public static ImmutableArray<string> ExecCommand(int pid, ContainerIdentity identity, ImmutableArray<string> command) =>
    [
        "nsenter", $"--target={pid}", "--mount", "--uts", "--ipc", "--net", "--pid", $"--wd=/proc/{pid}/cwd", "--",
        Tool.Find("setpriv"), "--pdeathsig=KILL", "--no-new-privs", .. Identity(identity), "--", .. command,
    ];

    /// <summary>The container's environment; at a terminal programs must know which kind it is.</summary>
    public static ImmutableArray<string> Environment(ContainerSpec spec, bool terminal)
    {
        var own = spec.Environment.Select(e => $"{e.Key}={e.Value}");
        return [.. terminal && spec.Environment.All(e => e.Key != "TERM") ? own.Append("TERM=xterm") : own];
    }

    private static string BuildIn(ContainerSpec spec, string scratch)
    {
        // sysfs shows the network namespace of whoever mounts it, so the root is built inside the pod's.
        using var host = NamespaceFile.OfThisThread("net");
        spec.Network.Enter();
        try
        {
            return ContainerRoot.Build(spec, scratch);
        }
        finally
        {
            Libc.Check(Libc.SetNs(host.Fd, Libc.CloneNewNet), "leave a network namespace");
        }
    }

    private static SpawnRequest Request(ContainerSpec spec, string root)
    {
        var identity = new ContainerIdentity(spec.User, spec.Group, spec.SupplementalGroups, spec.Capabilities);
        ImmutableArray<string> run = [Tool.Find("setpriv"), "--pdeathsig=KILL", "--no-new-privs", .. Identity(identity), "--", .. spec.Command];
        // Root without capabilities still owns /proc/sys; it gets it read-only, as in any container.
        if (spec.User == 0) run = ["/bin/sh", "-c", MaskProc, "sh", .. run];
        return new SpawnRequest
        {
            Path = Tool.Find("unshare"),
            Arguments = ["unshare", "--mount-proc=/proc", $"--wd={spec.WorkingDirectory ?? ContainerRoot.WorkDirectory}", "--", .. run],
            Environment = Environment(spec, spec.Terminal),
            Network = spec.Network,
            NewRoot = root,
            OwnPids = true,
            Terminals = spec.Terminal ? root + "/dev/pts" : null,
        };
    }

    private const string MaskProc =
        "/bin/mount --bind /proc/sys /proc/sys && /bin/mount -o remount,bind,ro /proc/sys || exit 125; " +
        "for f in sysrq-trigger kcore; do [ ! -e /proc/$f ] || /bin/mount --bind /dev/null /proc/$f || exit 125; done; exec \"$@\"";

    private static IEnumerable<string> Identity(ContainerIdentity identity)
    {
        yield return $"--reuid={identity.User}";
        yield return $"--regid={identity.Group}";
        yield return identity.SupplementalGroups.IsEmpty ? "--clear-groups" : $"--groups={string.Join(',', identity.SupplementalGroups)}";
        yield return "--inh-caps=-all";
        yield return "--bounding-set=" + string.Join(',', identity.Capabilities.Select(c => "+" + c).Prepend("-all"));
    }

    /// <summary>A command that does not exist is told before anything starts, in the words a container runtime has for it.</summary>
    /// <exception cref="ContainerStartException">No such program in the container, or it may not be executed.</exception>
    public static void RequireCommand(ContainerSpec spec, string program, string root)
    {
        var path = spec.Environment.LastOrDefault(e => e.Key == "PATH").Value ?? DefaultPath;
        var candidates = program.Contains('/')
            ? [program.StartsWith('/') ? program : $"{spec.WorkingDirectory ?? ContainerRoot.WorkDirectory}/{program}"]
            : path.Split(':').Select(directory => $"{directory}/{program}").ToArray();
        if (candidates.Any(candidate => IsExecutable(RootPath.Resolve(root, candidate)))) return;
        throw new ContainerStartException("StartError", program.Contains('/')
            ? $"exec: \"{program}\": no such executable file in the container"
            : $"exec: \"{program}\": executable file not found in $PATH", 127);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
