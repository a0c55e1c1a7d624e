using System.CommandLine;
using Mesh.Local;
using Mesh.Local.Node.Network;
using Microsoft.Extensions.Logging;

namespace Mesh.Cli.Commands;

/// <summary>`mesh up`: a whole mesh on this machine, in the foreground until Ctrl-C, or in the background.</summary>
internal static class UpCommand
{
    public static Command Create(TextWriter output, TextWriter error)
    {
        var name = CommonOptions.Name();
        var files = new Option<string[]>("--filename", "-f") { Description = "Manifests to apply instead of the sample: files or directories", AllowMultipleArgumentsPerToken = true };
        var detach = new Option<bool>("--detach", "-d") { Description = "Go to the background when everything is ready" };
        var noSample = new Option<bool>("--no-bookinfo") { Description = "Start without the sample" };
        var bare = new Option<bool>("--bare") { Description = "A Kubernetes cluster without the mesh: no operator, no CRDs, no sample; `make deploy LOADED=yes` puts it there, as on any cluster" };
        var images = new Option<string[]>("--images")
        {
            Description = "TAG=DIRECTORY: images mesh/...:TAG are the programs in that directory, which is laid out as bin is (of another build; may be given several times)",
            HelpName = "TAG=DIRECTORY",
            DefaultValueFactory = _ => [],
        };
        images.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => ImageTag.Mistake(token.Value) is not null)) result.AddError(ImageTag.Mistake(token.Value)!);
        });
        var keep = new Option<bool>("--keep") { Description = "Keep the objects: the next `mesh up --keep` of this name goes on with them, also after a crash" };
        var nodes = new Option<int>("--nodes") { Description = $"How many nodes, 1 to {AddressPlan.MostNodes}: node-1, node-2, ..., each a network of its own", DefaultValueFactory = _ => 1 };
        nodes.Validators.Add(result => Within(result, "--nodes", 1, AddressPlan.MostNodes));
        var zones = new Option<int?>("--zones") { Description = "How many zones the nodes are in by turn: local-a, local-b, ... (default: as many as nodes, at most 3)" };
        zones.Validators.Add(result => Within(result, "--zones", 1, 26));
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait for everything to be ready", DefaultValueFactory = _ => 180 };
        var command = new Command("up", "Start a mesh on this machine: API, node, operator, and bookinfo or the manifests given (root)") { name, files, detach, noSample, bare, images, keep, nodes, zones, timeout };
        command.SetAction((result, cancellation) =>
        {
            var options = new MeshOptions
            {
                Paths = MeshPaths.For(result.GetValue(name)!),
                Manifests = [.. (result.GetValue(files) ?? []).Select(Path.GetFullPath)],
                Sample = !result.GetValue(noSample),
                Bare = result.GetValue(bare),
                Images = ImageTag.Read(result.GetValue(images)!),
                Keep = result.GetValue(keep),
                Nodes = result.GetValue(nodes),
                Zones = result.GetValue(zones) ?? Math.Min(3, result.GetValue(nodes)),
                Patience = TimeSpan.FromSeconds(result.GetValue(timeout)),
            };
            // Mistakes in manifests are told before anything is started.
            Manifests.Read(options.Manifests);
            return result.GetValue(detach) ? DetachedMesh.StartAsync(options, output, error, cancellation) : ForegroundAsync(options, output, error, cancellation);
        });
        return command;
    }

    private static void Within(System.CommandLine.Parsing.OptionResult result, string option, int least, int most)
    {
        if (result.GetValueOrDefault<int?>() is { } value && (value < least || value > most)) result.AddError($"{option} {value}: a number from {least} to {most}");
    }

    private static async Task<int> ForegroundAsync(MeshOptions options, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        using var ending = new Interruption(cancellation);
        using var logs = LoggerFactory.Create(builder => builder
            .AddSimpleConsole(c =>
            {
                c.SingleLine = true;
                c.TimestampFormat = "HH:mm:ss ";
                c.UseUtcTimestamp = true;
            })
            .SetMinimumLevel(LogLevel.Warning));
        var problems = 0;
        try
        {
            await using var mesh = await Supervisor.StartAsync(options, output.WriteLine, logs.CreateLogger("mesh"), ending.Token);
            var found = await mesh.PopulateAsync(output.WriteLine, ending.Token);
            problems = found.Count;
            NextSteps.Write(options.Paths, mesh.Record!, found, background: false, output, error);
            await Task.Delay(Timeout.Infinite, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await output.WriteLineAsync("ending ...");
        }
        catch (OperationCanceledException) when (ending.Token.IsCancellationRequested)
        {
            await output.WriteLineAsync("ended before everything was ready");
        }

        return problems == 0 ? ExitCodes.Fine : ExitCodes.Findings;
    }
}
