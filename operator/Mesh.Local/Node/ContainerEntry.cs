using System.Collections.Immutable;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;

namespace Mesh.Local.Node;

/// <summary>Turns this process into a command inside a running container: same namespaces, root, user and environment.</summary>
public static unsafe class ContainerEntry
{
    private const int SigPipe = 13;

    /// <summary>Does not return when it works: terminal, signals and exit code are then the command's own.</summary>
    /// <exception cref="IOException">The machine refuses.</exception>
    public static void Become(RunningContainer container, ImmutableArray<string> command)
    {
        var identity = new ContainerIdentity(container.User, container.Group, container.Groups, container.Capabilities);
        var arguments = ContainerProcess.ExecCommand(container.Pid, identity, command);
        using var memory = new NativeMemoryBlock();
        // The runtime ignores it, and what is ignored stays so over exec: `yes | head` inside would never end quietly.
        Libc.Signal(SigPipe, 0);
        Libc.Check(Libc.Execve(memory.String(Tool.Find(arguments[0])), memory.Strings(arguments), memory.Strings(Environment(container.Pid))), "exec nsenter");
    }

    /// <summary>The container's environment, and the caller's terminal type when it names none.</summary>
    private static ImmutableArray<string> Environment(int pid)
    {
        var own = File.ReadAllText($"/proc/{pid}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries).ToImmutableArray();
        var terminal = System.Environment.GetEnvironmentVariable("TERM");
        return terminal is null || own.Any(e => e.StartsWith("TERM=", StringComparison.Ordinal)) ? own : own.Add("TERM=" + terminal);
    }
}
