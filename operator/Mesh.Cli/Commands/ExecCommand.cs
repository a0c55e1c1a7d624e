using System.CommandLine;
using Mesh.Local;
using Mesh.Local.Node;

namespace Mesh.Cli.Commands;

/// <summary>`mesh exec POD -- COMMAND`: this process becomes the command inside the container.</summary>
internal static class ExecCommand
{
    public static Command Create()
    {
        var name = CommonOptions.Name();
        var ns = CommonOptions.Namespace();
        var container = new Option<string?>("--container", "-c") { Description = "Container; without it the pod's first (or its default one)" };
        var pod = new Argument<string>("pod") { Description = "NAME, pod/NAME or deploy/NAME" };
        var words = new Argument<string[]>("command") { Description = "What to run, after --", Arity = ArgumentArity.OneOrMore };
        var command = new Command("exec", "Run a command in a container") { name, ns, container, pod, words };
        command.SetAction(result =>
        {
            var paths = MeshPaths.For(result.GetValue(name)!);
            CommonOptions.Running(paths);
            var found = new RunningContainers(Path.Combine(paths.Node, "running")).Find(result.GetValue(ns)!, result.GetValue(pod)!, result.GetValue(container));
            ContainerEntry.Become(found, [.. result.GetValue(words)!]);
            return ExitCodes.Usage;
        });
        return command;
    }
}
