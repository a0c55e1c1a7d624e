using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Testing;

namespace Mesh.Benchmarks.Soak;

/// <summary>The mesh that is broken on purpose, by the commands a user has, and the client in it that load comes from.</summary>
internal sealed partial class SoakMesh(string name) : IDisposable
{
    private const string Server = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: soak, labels: {istio-injection: enabled}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: server, namespace: soak}
        spec: {selector: {app: server}, ports: [{name: http, port: 9080}]}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: server, namespace: soak}
        spec:
          replicas: 3
          strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
          selector: {matchLabels: {app: server}}
          template:
            metadata: {labels: {app: server, version: v1}}
            spec:
              containers: [{name: server, image: mesh/bookinfo, args: [--service, httpbin], readinessProbe: {httpGet: {port: 9080, path: /health}, periodSeconds: 1, failureThreshold: 60}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: half, namespace: soak}
        spec: {selector: {app: half}, ports: [{name: http, port: 8000}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: half, namespace: soak, labels: {app: half, version: v1}}
        spec:
          terminationGracePeriodSeconds: 1
          containers:
            - name: half
              image: local/host
              command: [perl, -MIO::Socket::INET, -e, "my $l = IO::Socket::INET->new(LocalPort => 8000, Listen => 256, ReuseAddr => 1) or die $!; $SIG{CHLD} = 'IGNORE'; while (my $c = $l->accept) { if (fork) { close $c; next } while (1) { my $p = ''; while (<$c>) { $p = $1 if /^GET ([^ ]+)/; last if /^\r?$/ } exit 0 if $p eq '' or $p eq '/gone' && rand() < 0.1; if ($p eq '/half') { print $c qq(HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf); exit 0 } print $c qq(HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok) } }"]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client, namespace: soak, labels: {app: client, version: v1}}
        spec:
          terminationGracePeriodSeconds: 1
          containers: [{name: client, image: local/host, command: [sleep, infinity]}]
        """;

    private string? _network;

    private string Kubeconfig => Repository.Path($".mesh/{name}/kubeconfig");

    /// <summary>Starts it and waits for every pod.</summary>
    public void Start()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{name}.yaml");
        File.WriteAllText(path, Server);
        var run = Mesh(TimeSpan.FromMinutes(6), "up", "--detach", "--name", name, "-f", path);
        File.Delete(path);
        if (run.ExitCode != 0) throw new InvalidOperationException($"mesh up: exit {run.ExitCode}: {run.Error}{run.Output}");
        _network = ClientNetwork();
    }

    /// <summary>Requests of the client at a fixed rate.</summary>
    public HttpLoad Load(string service, string path, int perSecond, int connections = 16)
    {
        var parts = Kubectl("get", "service", service, "-n", "soak", "-o", "jsonpath={.spec.clusterIP} {.spec.ports[0].port}").Split(' ');
        var address = new IPEndPoint(IPAddress.Parse(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture));
        return HttpLoad.Start(_network!, address, service, path, perSecond, connections);
    }

    public string Kubectl(params string[] arguments)
    {
        var run = Command.Run("kubectl", ["--kubeconfig", Kubeconfig, .. arguments], timeout: TimeSpan.FromMinutes(4));
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {run.Error}{run.Output}");
    }

    /// <summary>Replaces the rules of the namespace, and waits until the client obeys them.</summary>
    public void Rules(string yaml)
    {
        Kubectl("delete", "virtualservices,destinationrules", "--all", "-n", "soak", "--wait=true");
        if (yaml.Length == 0) return;
        var run = Command.Run("kubectl", ["--kubeconfig", Kubeconfig, "apply", "-n", "soak", "-f", "-"], yaml);
        if (run.ExitCode != 0) throw new InvalidOperationException($"kubectl apply: {run.Error}\n{yaml}");
        foreach (var kind in new[] { "virtualservice", "destinationrule" })
        {
            if (Kubectl("get", kind, "-n", "soak", "-o", "name").Trim().Length > 0)
                Kubectl("wait", "--for=condition=Programmed", kind, "--all", "-n", "soak", "--timeout=90s");
        }
    }

    public void Fault(params string[] words)
    {
        var run = Mesh(TimeSpan.FromMinutes(1), ["fault", .. words, "--name", name, .. words[0] is "remove" ? (string[])[] : ["-n", "soak"]]);
        if (run.ExitCode != 0) throw new InvalidOperationException($"mesh fault {string.Join(' ', words)}: {run.Error}{run.Output}");
    }

    public IReadOnlyList<string> Servers() =>
        Kubectl("get", "pods", "-n", "soak", "-l", "app=server", "-o", "jsonpath={.items[*].metadata.name}").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>How often each response flag came at the client's sidecar since it started; - is none.</summary>
    public async Task<Dictionary<string, long>> FlagsAsync()
    {
        var flags = new Dictionary<string, long>();
        foreach (var line in (await AskSidecarAsync("/stats")).Split('\n').Where(line => line.StartsWith("istio_requests_total{", StringComparison.Ordinal) && line.Contains("reporter=\"source\"", StringComparison.Ordinal)))
        {
            var flag = Flag().Match(line).Groups[1].Value;
            flags[flag] = flags.GetValueOrDefault(flag) + (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
        }

        return flags;
    }

    /// <summary>Retries at the client's sidecar: those that were made, and those the budget did not allow.</summary>
    public async Task<(long Made, long OverBudget)> RetriesAsync()
    {
        var clusters = JsonNode.Parse(await AskSidecarAsync("/endpoints"))!.AsArray();
        return (clusters.Sum(cluster => (long)cluster!["retries"]!), clusters.Sum(cluster => (long)cluster!["retriesOverBudget"]!));
    }

    public void Dispose() => Mesh(TimeSpan.FromMinutes(2), "down", "--name", name);

    [GeneratedRegex("response_flags=\"([^\"]*)\"")]
    private static partial Regex Flag();

    private async Task<string> AskSidecarAsync(string path)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = NetworkNamespace.InsideOf(_network!, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await socket.ConnectAsync(IPAddress.Loopback, 15000, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        return await client.GetStringAsync($"http://localhost:15000{path}");
    }

    // By any process of the pod, which knows the pod's name.
    private static string ClientNetwork()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                var words = File.ReadAllText($"{directory}/environ").Split('\0');
                if (words.Contains("POD_NAME=client") && words.Contains("POD_NAMESPACE=soak")) return $"{directory}/ns/net";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while we looked.
            }
        }

        throw new InvalidOperationException("no process of the client's pod is found on this machine");
    }

    private static CommandResult Mesh(TimeSpan limit, params string[] arguments) =>
        Command.Run("bash", ["-c", "cd \"$0\" && exec \"$@\"", Repository.Root, Repository.Path("bin/mesh"), .. arguments], timeout: limit);
}
