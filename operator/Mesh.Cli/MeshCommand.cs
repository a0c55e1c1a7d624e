using System.CommandLine;
using Mesh.Cli.Commands;
using Mesh.Local;

namespace Mesh.Cli;

/// <summary>
/// The mesh command: what enters are words of a command line, what leaves are text or JSON on standard output, complaints on
/// standard error and an exit code (0 fine, 1 findings or failure, 2 usage or I/O). Each command is a file; nothing here
/// decides anything about a mesh.
/// </summary>
public static class MeshCommand
{
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Create(output, error).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors) await error.WriteLineAsync($"mesh: {problem.Message}");
            await error.WriteLineAsync("mesh: see mesh --help");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e) when (e is IOException or ManifestException or KeyNotFoundException or HttpRequestException or UnauthorizedAccessException or TimeoutException)
        {
            // The one place where what the world refused becomes a sentence and an exit code.
            await error.WriteLineAsync($"mesh: {e.Message}");
            return ExitCodes.Usage;
        }
    }

    public static RootCommand Create(TextWriter output, TextWriter error)
    {
        var root = new RootCommand("A service mesh for Kubernetes that speaks Istio's API; here: a whole one on this machine.");
        root.Subcommands.Add(UpCommand.Create(output, error));
        root.Subcommands.Add(DownCommand.Create(output));
        root.Subcommands.Add(ExecCommand.Create());
        root.Subcommands.Add(LogsCommand.Create());
        root.Subcommands.Add(StatusCommand.Create(output, error));
        root.Subcommands.Add(ConfigCommand.Create(output, error));
        return root;
    }
}
