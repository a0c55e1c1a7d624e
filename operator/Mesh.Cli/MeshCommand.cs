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
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, TextReader? input = null)
    {
        var parsed = Create(output, error, args.FirstOrDefault(), input).Parse(args);
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

    /// <param name="only">The one command that was asked for: the others' words are then not even built. Null builds all.</param>
    /// <param name="output">Where commands write.</param>
    /// <param name="error">Where they complain.</param>
    /// <param name="input">What <c>-f -</c> reads; standard input if not given.</param>
    public static RootCommand Create(TextWriter output, TextWriter error, string? only = null, TextReader? input = null)
    {
        var commands = new Dictionary<string, Func<Command>>
        {
            ["up"] = () => UpCommand.Create(output, error),
            ["down"] = () => DownCommand.Create(output),
            ["exec"] = ExecCommand.Create,
            ["logs"] = LogsCommand.Create,
            ["validate"] = () => ValidateCommand.Create(output, error, input ?? Console.In),
            ["analyze"] = () => AnalyzeCommand.Create(output, error, input ?? Console.In),
            ["inject"] = () => InjectCommand.Create(output, error, input ?? Console.In),
            ["status"] = () => StatusCommand.Create(output, error),
            ["certs"] = () => CertsCommand.Create(output, error),
            ["fault"] = () => FaultCommand.Create(output, error),
            ["route"] = () => RouteCommand.Create(output, error, input ?? Console.In),
            ["config"] = () => ConfigCommand.Create(output, error),
        };
        var root = new RootCommand("A service mesh for Kubernetes that speaks Istio's API; here: a whole one on this machine.");
        if (only is not null && commands.TryGetValue(only, out var create)) root.Subcommands.Add(create());
        else foreach (var build in commands.Values) root.Subcommands.Add(build());
        return root;
    }
}
