using System.CommandLine;
using Mesh.Cli.Commands;

namespace Mesh.Cli;

/// <summary>
/// The mesh command: what enters are words of a command line, what leaves are text or JSON on standard output, complaints on
/// standard error and an exit code (0 fine, 1 findings or failure, 2 usage or I/O). Each command is a file; nothing here
/// decides anything about a mesh.
/// </summary>
public static class MeshCommand
{
    public static Task<int> RunAsync(string[] args) => Create().Parse(args).InvokeAsync();

    public static RootCommand Create()
    {
        var root = new RootCommand("A service mesh for Kubernetes that speaks Istio's API; here: a whole one on this machine.");
        root.Subcommands.Add(UpCommand.Create());
        return root;
    }
}
