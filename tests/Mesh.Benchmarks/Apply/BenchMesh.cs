using System.Globalization;
using System.Net;
using Mesh.Testing;

namespace Mesh.Benchmarks.Apply;

/// <summary>The mesh that is measured, by the commands a user has.</summary>
internal sealed class BenchMesh(string name)
{
    private const string ApplyManifests = """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: default
          labels: {istio-injection: enabled}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: server}
        spec:
          selector: {app: server}
          ports: [{name: http, port: 9080}]
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: server}
        spec:
          host: server
          subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: client}
        spec:
          replicas: 1
          selector:
            matchLabels: {app: client}
          template:
            metadata:
              labels: {app: client, version: v1}
            spec:
              containers: [{name: client, image: local/host, command: [sleep, infinity]}]
        """;

    public static string Route(string version) => $$$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: server}
        spec:
          hosts: [server]
          http: [{route: [{destination: {host: server, subset: {{{version}}}}}]}]
        """;

    private string Kubeconfig => Repository.Path($".mesh/{name}/kubeconfig");

    /// <summary>Servers without sidecars: one hop is between asking and being answered.</summary>
    public static string Manifests => $"{ApplyManifests}\n---\n{Server("v1")}\n---\n{Server("v2")}\n";

    public void Start(string manifests, TimeSpan limit)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{name}.yaml");
        File.WriteAllText(path, manifests);
        var run = Mesh(limit, "up", "--detach", "--name", name, "-f", path);
        File.Delete(path);
        if (run.ExitCode != 0) throw new InvalidOperationException($"mesh up: exit {run.ExitCode}: {run.Error}{run.Output}");
    }

    public void Stop() => Mesh(TimeSpan.FromMinutes(2), "down", "--name", name);

    public void Kubectl(params string[] arguments)
    {
        // Its own --timeout ends it where it has one; many pods take minutes to start.
        var run = Command.Run("kubectl", ["--kubeconfig", Kubeconfig, .. arguments], timeout: TimeSpan.FromMinutes(10));
        if (run.ExitCode != 0) throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {run.Error}{run.Output}");
    }

    public void Apply(string yaml)
    {
        var run = Command.Run("kubectl", ["--kubeconfig", Kubeconfig, "apply", "-f", "-"], yaml);
        if (run.ExitCode != 0) throw new InvalidOperationException($"kubectl apply: {run.Error}");
    }

    public IPEndPoint ServiceAddress() =>
        new(IPAddress.Parse(Command.Must("kubectl", "--kubeconfig", Kubeconfig, "get", "service", "server", "-o", "jsonpath={.spec.clusterIP}")), 9080);

    /// <summary>Network namespaces of the client pods, by a process in each.</summary>
    public IEnumerable<string> ClientNamespaces(int expected) => Sidecars("client", expected).Select(id => $"/proc/{id}/ns/net");

    /// <summary>The sidecars of an application's pods, one process each.</summary>
    public IReadOnlyCollection<int> Sidecars(string app, int expected)
    {
        var pods = Command.Must("kubectl", "--kubeconfig", Kubeconfig, "get", "pods", "-l", $"app={app}", "--field-selector=status.phase=Running", "-o", "jsonpath={.items[*].metadata.name}").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        var found = new Dictionary<string, int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                // The sidecar knows its pod's name from its environment.
                var pod = File.ReadAllText($"{directory}/environ").Split('\0').FirstOrDefault(entry => entry.StartsWith("POD_NAME=", StringComparison.Ordinal))?["POD_NAME=".Length..];
                if (pod is not null && pods.Contains(pod) && File.ReadAllText($"{directory}/comm").Trim() is "dotnet" or "Mesh.Sidecar") found[pod] = int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }
        }
        return found.Count == expected ? found.Values : throw new InvalidOperationException($"found the sidecars of {found.Count} pods of {app}, not of {expected}");
    }

    private static string Server(string version) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: server-{{version}}}
        spec:
          replicas: 1
          selector:
            matchLabels: {app: server, version: {{version}}}
          template:
            metadata:
              labels: {app: server, version: {{version}}, sidecar.istio.io/inject: "false"}
            spec:
              containers: [{name: server, image: mesh/bookinfo, args: ["--service", "details", "--version", "{{version}}"]}]
        """;

    private static CommandResult Mesh(TimeSpan limit, params string[] arguments) =>
        Command.Run("bash", ["-c", "cd \"$0\" && exec \"$@\"", Repository.Root, Repository.Path("bin/mesh"), .. arguments], timeout: limit);
}
