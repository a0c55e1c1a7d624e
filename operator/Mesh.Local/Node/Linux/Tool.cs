using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mesh.Local.Node.Linux;

/// <summary>Runs a short-lived program of the machine (ip, iptables-restore, nsenter) to its end, in a network namespace or here.</summary>
internal static class Tool
{
    private static readonly string[] SearchPath = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

    public static async Task<ToolResult> RunAsync(
        NetworkNamespace? network, ImmutableArray<string> command, string? input, CancellationToken cancellation,
        ImmutableArray<string>? environment = null)
    {
        using var given = input is null ? null : InMemory(input);
        var output = new MemoryStream();
        var process = await ChildProcess.StartAsync(command[0], () => new SpawnRequest
        {
            Path = Find(command[0]),
            Arguments = command,
            Environment = environment ?? ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"],
            Network = network,
            StandardInput = given is null ? -1 : (int)given.DangerousGetHandle(),
        }, bytes => output.Write(bytes.Span));
        await using var kill = cancellation.Register(() => process.Signal(Libc.SigKill));
        var status = await process.Exited;
        cancellation.ThrowIfCancellationRequested();
        return new ToolResult(status.Code, Encoding.UTF8.GetString(output.ToArray()));
    }

    /// <summary>Like <see cref="RunAsync"/>, for tools whose failure leaves nothing to go on with.</summary>
    public static async Task<string> RequireAsync(
        NetworkNamespace? network, ImmutableArray<string> command, string? input, CancellationToken cancellation)
    {
        var result = await RunAsync(network, command, input, cancellation);
        return result.ExitCode == 0
            ? result.Output
            : throw new IOException($"{string.Join(' ', command)} failed with {result.ExitCode}: {result.Output.Trim()}");
    }

    public static string Find(string name) =>
        name.StartsWith('/')
            ? name
            : SearchPath.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists)
              ?? throw new FileNotFoundException($"the program {name} is not installed on this machine");

    /// <summary>A file that exists in memory only, read by the child from its start.</summary>
    private static SafeFileHandle InMemory(string text)
    {
        var handle = new SafeFileHandle(Libc.Check(Libc.MemFdCreate("mesh-input", 1), "create a file in memory"), ownsHandle: true);
        RandomAccess.Write(handle, Encoding.UTF8.GetBytes(text), 0);
        return handle;
    }
}
