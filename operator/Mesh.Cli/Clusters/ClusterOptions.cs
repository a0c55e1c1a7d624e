using System.CommandLine;
using System.CommandLine.Parsing;

namespace Mesh.Cli.Clusters;

/// <summary>
/// Which cluster a command looks at, by the same rule for all of them: a mesh of this machine by its name, or what kubectl would
/// take (see <see cref="KubernetesCluster.Open"/>).
/// </summary>
internal sealed class ClusterOptions
{
    private readonly Option<string> _name = CommonOptions.Name(defaulted: false);
    private readonly Option<string?> _context = new("--context") { Description = "Context of the kubeconfig (default: its current one)" };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "Kubeconfig of a cluster (default: KUBECONFIG, then the mesh of this machine if one runs, then ~/.kube/config)" };

    private ClusterOptions(Command command, bool recursive)
    {
        foreach (var option in (Option[])[_name, _context, _kubeconfig])
        {
            option.Recursive = recursive;
            command.Options.Add(option);
        }

        command.Validators.Add(Both);
    }

    /// <param name="command">Gets the options.</param>
    /// <param name="recursive">Its subcommands too.</param>
    public static ClusterOptions AddTo(Command command, bool recursive = false) => new(command, recursive);

    /// <summary>The cluster that was named.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public KubernetesCluster Open(ParseResult result) => KubernetesCluster.Open(result.GetValue(_name), result.GetValue(_context), result.GetValue(_kubeconfig));

    private void Both(CommandResult result)
    {
        if (result.GetValue(_name) is not null && (result.GetValue(_context) ?? result.GetValue(_kubeconfig)) is not null)
            result.AddError("--name is for a mesh of this machine, --context and --kubeconfig are for any cluster: give the one or the others");
    }
}
