using System.CommandLine;
using Mesh.Local;

namespace Mesh.Cli.Commands;

/// <summary>`mesh down`: ends a mesh, and clears away what a killed one left. Nothing to end is fine.</summary>
internal static class DownCommand
{
    public static Command Create(TextWriter output)
    {
        var name = CommonOptions.Name();
        var forget = new Option<bool>("--forget") { Description = "Also remove the objects that `mesh up --keep` kept" };
        var command = new Command("down", "End a mesh and remove what it left; objects kept by --keep stay") { name, forget };
        command.SetAction(async (result, cancellation) =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            var ended = await MeshEnd.RunAsync(paths, TimeProvider.System, cancellation);
            await output.WriteLineAsync(ended ? $"mesh {paths.Name} has ended" : $"no mesh named {paths.Name} runs");
            if (result.GetValue(forget))
                await output.WriteLineAsync(KeptMesh.Forget(paths) ? "what it kept is removed" : "nothing was kept");
            else if (KeptMesh.Read(paths) is not null)
                await output.WriteLineAsync("its objects are kept: mesh up --keep goes on with them, mesh down --forget removes them");
            return ExitCodes.Fine;
        });
        return command;
    }
}
