using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// The cluster of MESH_TEST_KUBECONFIG with the mesh installed in it, through kubectl alone: nothing here knows how it was made
/// or where it runs. The workloads stand in a namespace of their own, which goes with the tests. Their image, MESH_TEST_IMAGE,
/// needs python3 and nothing else.
/// </summary>
public sealed class GivenCluster : IAsyncLifetime
{
    public const int Port = 8000;

    // Answers with what it was told of its caller.
    private const string Server = """
        import http.server
        class Echo(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                body = (self.headers.get("x-forwarded-client-cert") or "nobody").encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *ignored): pass
        http.server.ThreadingHTTPServer(("", 8000), Echo).serve_forever()
        """;

    private const string Idle = "import time\nwhile True: time.sleep(3600)";

    private const string Fetch = """
        import sys, urllib.request
        try: print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode(), end="")
        except Exception as e: print("refused:", e, end="")
        """;

    private readonly SemaphoreSlim _once = new(1, 1);
    private string? _kubeconfig;
    private bool _applied;

    /// <summary>Namespace with sidecars.</summary>
    public string Meshed { get; } = $"mesh-e2e-{Environment.ProcessId}";

    /// <summary>Namespace without.</summary>
    public string Outside => Meshed + "-outside";

    /// <summary>Server and callers, ready; skips where there is no cluster with a mesh.</summary>
    public async Task ReadyAsync()
    {
        _kubeconfig = Needs.Cluster();
        await _once.WaitAsync();
        try
        {
            if (_applied) return;
            Needs.Require("cluster", Try(["get", "secret", "mesh-ca", "-n", "mesh-system"]).ExitCode == 0, "needs the mesh on that cluster: no Secret mesh-ca in mesh-system");
            _applied = true;
            Apply(Manifest());
            foreach (var (deployment, space) in new[] { ("server", Meshed), ("caller", Meshed), ("outsider", Outside) })
                Kubectl("rollout", "status", $"deployment/{deployment}", "-n", space, "--timeout=120s");
        }
        finally
        {
            _once.Release();
        }

        Try(["delete", "peerauthentications", "--all", "-n", Meshed]);
    }

    public string Kubectl(params string[] arguments)
    {
        var run = Try(arguments);
        Assert.True(run.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {run.Error}{run.Output}");
        return run.Output;
    }

    public void Apply(string yaml)
    {
        var run = Try(["apply", "-f", "-"], yaml);
        Assert.True(run.ExitCode == 0, $"kubectl apply: {run.Error}\n{yaml}");
    }

    public CommandResult Try(string[] arguments, string? input = null) =>
        Command.Run("kubectl", ["--kubeconfig", _kubeconfig!, .. arguments], input, timeout: TimeSpan.FromMinutes(3));

    /// <summary>What a GET from the one pod of a deployment brings: the body, or <c>refused: why</c>.</summary>
    public string Get(string deployment, string @namespace, string url) =>
        Kubectl("exec", "-n", @namespace, $"deployment/{deployment}", "-c", "app", "--", "python3", "-c", Fetch, url);

    /// <summary>A mode for the namespace's workloads.</summary>
    public void Require(string mode) => Apply($$$"""
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: {{{Meshed}}}}
        spec: {mtls: {mode: {{{mode}}}}}
        """);

    /// <summary>The report of the server's sidecar.</summary>
    public JsonNode Report()
    {
        var ip = Kubectl("get", "pods", "-n", Meshed, "-l", "app=server", "-o", "jsonpath={.items[0].status.podIP}");
        return JsonNode.Parse(Get("outsider", Outside, $"http://{ip}:15020/report"))!;
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        if (_applied) Try(["delete", "namespace", Meshed, Outside, "--wait=false"]);
        _once.Dispose();
        return ValueTask.CompletedTask;
    }

    private string Manifest()
    {
        var image = Environment.GetEnvironmentVariable("MESH_TEST_IMAGE") ?? "python:3-alpine";
        return $$$"""
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{{Meshed}}}, labels: {istio-injection: enabled}}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{{Outside}}}}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: caller, namespace: {{{Meshed}}}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: server, namespace: {{{Meshed}}}}
            spec:
              selector: {app: server}
              ports: [{name: http, port: {{{Port}}}}]
            ---
            {{{Deployment("server", Meshed, image, "default", Server, probed: true)}}}
            ---
            {{{Deployment("caller", Meshed, image, "caller", Idle, probed: false)}}}
            ---
            {{{Deployment("outsider", Outside, image, "default", Idle, probed: false)}}}
            """;
    }

    private static string Deployment(string name, string @namespace, string image, string account, string program, bool probed) => new JsonObject
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = "Deployment",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
        ["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } },
                ["spec"] = new JsonObject
                {
                    ["serviceAccountName"] = account,
                    ["terminationGracePeriodSeconds"] = 2,
                    ["containers"] = new JsonArray(Container(image, program, probed)),
                },
            },
        },
    }.ToJsonString();

    private static JsonObject Container(string image, string program, bool probed)
    {
        var container = new JsonObject { ["name"] = "app", ["image"] = image, ["command"] = new JsonArray("python3", "-c", program) };
        if (probed) container["readinessProbe"] = new JsonObject { ["httpGet"] = new JsonObject { ["path"] = "/", ["port"] = Port }, ["periodSeconds"] = 1 };
        return container;
    }
}
