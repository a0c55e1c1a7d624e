using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests;

/// <summary>A mesh on this machine, by the commands a user has: <c>mesh</c>, <c>kubectl</c>, <c>curl</c>.</summary>
public sealed class LocalMesh : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private readonly string _mesh;

    private LocalMesh(string name)
    {
        Name = name;
        _mesh = Needs.Built("bin/mesh");
    }

    /// <summary>Unique: other meshes may run beside it.</summary>
    public string Name { get; }

    public string Kubeconfig => Repository.Path($".mesh/{Name}/kubeconfig");

    /// <summary>Starts one and waits until everything is ready. Without manifests it runs bookinfo.</summary>
    public static LocalMesh Start(string label, params string[] manifests) => Start(label, [], manifests);

    /// <summary>Starts one with further options of `mesh up`.</summary>
    public static LocalMesh Start(string label, string[] options, params string[] manifests)
    {
        var mesh = Named(label);
        mesh.Up([.. options, .. manifests.SelectMany(path => new[] { "-f", path })]);
        return mesh;
    }

    /// <summary>One that is not started yet.</summary>
    public static LocalMesh Named(string label)
    {
        Needs.Program("kubectl", "kubectl of Debian 13");
        Needs.Program("curl", "curl");
        return new LocalMesh($"{label}-{Environment.ProcessId}");
    }

    /// <summary>Starts it and waits until everything is ready.</summary>
    public void Up(params string[] options)
    {
        var run = Mesh(["up", "--detach", "--name", Name, .. options], StartLimit);
        if (run.ExitCode == 0) return;
        var pods = Command.Run("kubectl", ["--kubeconfig", Kubeconfig, "get", "pods,events", "-A", "-o", "wide"]).Output;
        Dispose();
        throw new InvalidOperationException($"mesh up: exit {run.ExitCode}\n{run.Output}\n{run.Error}\n{pods}");
    }

    /// <summary>Runs the mesh command.</summary>
    public CommandResult Mesh(IEnumerable<string> arguments, TimeSpan? limit = null) =>
        Command.Run("bash", ["-c", "cd \"$0\" && exec \"$@\"", Repository.Root, _mesh, .. arguments], timeout: limit);

    /// <summary>Runs kubectl, whatever comes of it.</summary>
    public CommandResult TryKubectl(IEnumerable<string> arguments, string? input = null) =>
        Command.Run("kubectl", ["--kubeconfig", Kubeconfig, .. arguments], input, timeout: TimeSpan.FromSeconds(90));

    /// <summary>Runs kubectl; fails the test unless it ends well.</summary>
    public string Kubectl(params string[] arguments)
    {
        var run = TryKubectl(arguments);
        Assert.True(run.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {run.Error}{run.Output}");
        return run.Output;
    }

    /// <summary>Applies a sample (a path below config/samples).</summary>
    public void ApplySample(string path) => Kubectl("apply", "-f", Repository.Path($"config/samples/{path}"));

    /// <summary>Applies YAML.</summary>
    public CommandResult TryApply(string yaml) => TryKubectl(["apply", "-f", "-"], yaml);

    /// <summary>Applies YAML; fails the test unless it is taken.</summary>
    public void Apply(string yaml)
    {
        var run = TryApply(yaml);
        Assert.True(run.ExitCode == 0, $"kubectl apply: {run.Error}\n{yaml}");
    }

    /// <summary>Waits as a user does.</summary>
    public void WaitFor(string condition, string what) => Kubectl("wait", $"--for=condition={condition}", what, "--timeout=30s");

    /// <summary>An object as JSON.</summary>
    public JsonNode Get(params string[] what) => JsonNode.Parse(Kubectl(["get", .. what, "-o", "json"]))!;

    /// <summary>A condition of an object's status, or null.</summary>
    public JsonNode? Condition(string what, string type) =>
        Get(what)["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition?["type"] == type);

    /// <summary>Name of the one ready pod of an application's version.</summary>
    public string Pod(string app, string version = "v1") =>
        Assert.Single(Kubectl("get", "pods", "-l", $"app={app},version={version}", "-o", "name").Split('\n', StringSplitOptions.RemoveEmptyEntries))["pod/".Length..];

    /// <summary>The file of a pod's network namespace: by any process of the pod, which knows the pod's name as its host's.</summary>
    public string NetworkOf(string pod) =>
        Processes($"HOSTNAME={pod} ").Select(id => $"/proc/{id}/ns/net").FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"no process of pod {pod} is found on this machine");

    /// <summary>The file of the network namespace of the (one) node, where the operator is too.</summary>
    public string NodeNetwork => (string)JsonNode.Parse(File.ReadAllText(Repository.Path($".mesh/{Name}/mesh.json")))!["nodeNetwork"]!;

    /// <summary>Runs a program in a network namespace; fails the test unless it ends well.</summary>
    public static string Inside(string network, params string[] command)
    {
        var run = Command.Run("nsenter", [$"--net={network}", "--", .. command]);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', command)}: exit {run.ExitCode} {run.Error}{run.Output}");
        return run.Output;
    }

    /// <summary>Runs a program in a container.</summary>
    public CommandResult Exec(string pod, string container, params string[] command) =>
        Mesh(["exec", "--name", Name, pod, "-c", container, "--", .. command], TimeSpan.FromMinutes(2));

    /// <summary>From productpage: the versions of reviews that answered, or the status code where it was not 200.</summary>
    public IReadOnlyList<string> Reviews(int requests, params string[] headers)
    {
        string[] asHeaders = [.. headers.SelectMany(header => new[] { "-H", header })];
        var run = Exec(Pod("productpage"), "productpage",
        [
            "curl", "-s", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code} %header{x-bookinfo-version}\\n", .. asHeaders,
            $"http://reviews:9080/reviews/0?n=[1-{requests}]",
        ]);
        Assert.True(run.ExitCode == 0, $"curl from productpage: exit {run.ExitCode} {run.Error}");
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.StartsWith("200 ", StringComparison.Ordinal) ? line[4..].Trim() : line.Trim())];
    }

    /// <summary>Takes out every rule a test may have left and puts the sample's own back.</summary>
    public void RemoveRules()
    {
        Kubectl("delete", "virtualservices,destinationrules", "--all", "--wait=true");
        ApplySample("bookinfo/destination-rules.yaml");
    }

    /// <summary>Processes of this mesh whose command line holds all of the words.</summary>
    public IReadOnlyList<int> Processes(params string[] words) => [.. ProcessTable.Below(Name).Where(process => words.All(word => process.Line.Contains(word, StringComparison.Ordinal))).Select(process => process.Id)];

    public void Dispose()
    {
        var run = Mesh(["down", "--name", Name], TimeSpan.FromSeconds(60));
        Assert.True(run.ExitCode == 0, $"mesh down: exit {run.ExitCode} {run.Error}{run.Output}");
    }
}
