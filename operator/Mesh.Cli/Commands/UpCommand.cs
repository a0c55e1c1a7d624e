using System.CommandLine;
using System.Runtime.InteropServices;
using Mesh.Local;
using Microsoft.Extensions.Logging;

namespace Mesh.Cli.Commands;

/// <summary>`mesh up`: a whole mesh on this machine, in the foreground until Ctrl-C, or in the background.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var name = CommonOptions.Name();
        var files = new Option<string[]>("--filename", "-f") { Description = "Manifests to apply instead of the sample: files or directories", AllowMultipleArgumentsPerToken = true };
        var detach = new Option<bool>("--detach", "-d") { Description = "Go to the background when everything is ready" };
        var bare = new Option<bool>("--no-bookinfo") { Description = "Start without the sample" };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait for everything to be ready", DefaultValueFactory = _ => 180 };
        var command = new Command("up", "Start a mesh on this machine: API, node, operator, and bookinfo or the manifests given (root)") { name, files, detach, bare, timeout };
        command.SetAction((result, cancellation) => RunAsync(new MeshOptions
        {
            Paths = MeshPaths.For(result.GetValue(name)!),
            Manifests = [.. (result.GetValue(files) ?? []).Select(Path.GetFullPath)],
            Sample = !result.GetValue(bare),
            Patience = TimeSpan.FromSeconds(result.GetValue(timeout)),
        }, result.GetValue(detach), cancellation));
        return command;
    }

    private static Task<int> RunAsync(MeshOptions options, bool detach, CancellationToken cancellation) =>
        detach ? Task.FromResult(2) : ForegroundAsync(options, cancellation);

    private static async Task<int> ForegroundAsync(MeshOptions options, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ending.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        using var logs = LoggerFactory.Create(builder => builder.AddSimpleConsole(c => c.SingleLine = true).SetMinimumLevel(LogLevel.Information));
        try
        {
            await using var mesh = await Supervisor.StartAsync(options, Say, logs.CreateLogger("mesh"), ending.Token);
            var problems = await mesh.PopulateAsync(Say, ending.Token);
            foreach (var problem in problems) Console.Error.WriteLine(problem);
            Say(mesh.Record!.Page ?? "ready");
            await Task.Delay(Timeout.Infinite, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Say("ending ...");
            return problems.Count == 0 ? ExitCodes.Fine : ExitCodes.Findings;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return ExitCodes.Fine;
        }
        catch (Exception e) when (e is IOException or ManifestException)
        {
            Console.Error.WriteLine($"mesh up: {e.Message}");
            return ExitCodes.Usage;
        }
    }

    private static void Say(string text) => Console.WriteLine(text);
}
