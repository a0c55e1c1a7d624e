using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>kubectl with the kubeconfig of MESH_TEST_KUBECONFIG: all that a test knows of that cluster.</summary>
public sealed class ClusterKubectl
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);
    private readonly string _kubeconfig;

    private ClusterKubectl(string kubeconfig) => _kubeconfig = kubeconfig;

    /// <summary>Skips where no cluster is given, or none with the mesh installed.</summary>
    public static ClusterKubectl OfMesh()
    {
        var kubectl = new ClusterKubectl(Needs.Cluster());
        Needs.Require("cluster", kubectl.Try(["get", "secret", "mesh-ca", "-n", "mesh-system"]).ExitCode == 0, "needs the mesh on that cluster: no Secret mesh-ca in mesh-system");
        return kubectl;
    }

    /// <summary>Image for programs of the tests: it needs python3 and nothing else.</summary>
    public static string Image => Environment.GetEnvironmentVariable("MESH_TEST_IMAGE") ?? "python:3-alpine";

    /// <summary>Runs it, whatever comes of it.</summary>
    public CommandResult Try(IEnumerable<string> arguments, string? input = null) =>
        Command.Run("kubectl", ["--kubeconfig", _kubeconfig, .. arguments], input, timeout: Limit);

    /// <summary>Runs it; fails the test unless it ends well.</summary>
    public string Must(params string[] arguments)
    {
        var run = Try(arguments);
        Assert.True(run.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {run.Error}{run.Output}");
        return run.Output;
    }

    /// <summary>Applies YAML; fails the test unless it is taken.</summary>
    public void Apply(string yaml, params string[] arguments)
    {
        var run = Try(["apply", "-f", "-", .. arguments], yaml);
        Assert.True(run.ExitCode == 0, $"kubectl apply: {run.Error}\n{yaml}");
    }

    /// <summary>An object, or a list, as JSON.</summary>
    public JsonNode Get(params string[] what) => JsonNode.Parse(Must(["get", .. what, "-o", "json"]))!;

    /// <summary>Whether the operator is a Deployment there (under <c>mesh up</c> it is a process beside the API server).</summary>
    public bool HasOperatorDeployment => Try(["get", "deployment", "mesh-operator", "-n", "mesh-system"]).ExitCode == 0;
}
