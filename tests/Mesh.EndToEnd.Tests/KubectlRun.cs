using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>One kubectl of several, against a mesh.</summary>
internal sealed record KubectlRun(string Program, LocalMesh Mesh)
{
    /// <summary>Runs it, whatever comes of it.</summary>
    public CommandResult Try(string[] arguments, string? input = null) =>
        Command.Run(Program, ["--kubeconfig", Mesh.Kubeconfig, .. arguments], input, timeout: TimeSpan.FromSeconds(60));

    /// <summary>Runs it; fails the test unless it ends well.</summary>
    public string Must(string[] arguments, string? input = null)
    {
        var run = Try(arguments, input);
        Assert.True(run.ExitCode == 0, $"{Program} {string.Join(' ', arguments)}: exit {run.ExitCode} {run.Error}{run.Output}");
        return run.Output;
    }
}
