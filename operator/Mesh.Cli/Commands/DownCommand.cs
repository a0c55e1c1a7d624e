using System.CommandLine;
using Mesh.Local;

namespace Mesh.Cli.Commands;

/// <summary>`mesh down`: ends a mesh, and clears away what a killed one left. Nothing to end is fine.</summary>
internal static class DownCommand
{
    public static Command Create(TextWriter output)
    {
        var name = CommonOptions.Name();
        var command = new Command("down", "End a mesh and remove what it left") { name };
        command.SetAction(async (result, cancellation) =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            var ended = await MeshEnd.RunAsync(paths, TimeProvider.System, cancellation);
            await output.WriteLineAsync(ended ? $"mesh {paths.Name} has ended" : $"no mesh named {paths.Name} runs");
            return ExitCodes.Fine;
        });
        return command;
    }
}
