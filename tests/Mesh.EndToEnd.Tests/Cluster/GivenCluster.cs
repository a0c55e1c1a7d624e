using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.EndToEnd.Tests.Identity;
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

    // Answers with what it was told of its caller. Told to end, it serves on until its callers know, as every server should.
    private const string Server = """
        import http.server, os, signal, threading
        signal.signal(signal.SIGTERM, lambda *_: threading.Timer(4, lambda: os._exit(0)).start())
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

    private static readonly TimeSpan LongestLoad = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LoadAfterwards = TimeSpan.FromSeconds(3);

    private const string Idle = "import time\nwhile True: time.sleep(3600)";

    private const string Fetch = """
        import sys, urllib.request
        try: print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode(), end="")
        except Exception as e: print("refused:", e, end="")
        """;

    // Eight connections that are kept, each asking at an eighth of the rate; nothing is tried twice. It ends when the file is there.
    private const string LoadProgram = """
        import http.client, os, sys, threading, time
        host, rate, seconds, over = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
        lock, done, failures, end = threading.Lock(), [0], [], time.monotonic() + seconds
        def ask(phase):
            global done
            connection, begun, n = None, time.monotonic(), 0
            while time.monotonic() < end and not os.path.exists(over):
                time.sleep(max(0, begun + (n + phase) * 8 / rate - time.monotonic()))
                n += 1
                try:
                    connection = connection or http.client.HTTPConnection(host, timeout=15)
                    connection.request("GET", "/")
                    answer = connection.getresponse()
                    answer.read()
                    if answer.will_close: connection.close(); connection = None
                    why = None if answer.status == 200 else "status %d" % answer.status
                except Exception as e:
                    why, connection = repr(e), None
                with lock:
                    done[0] += 1
                    if why: failures.append(why)
        threads = [threading.Thread(target=ask, args=(i / 8,)) for i in range(8)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(done[0], len(failures), *sorted(set(failures)), sep="\n")
        """;

    // What a TLS client with these papers gets from the application's port: its first line, or that there is none.
    private const string ShowProgram = """
        import socket, ssl, sys
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["istio-http/1.1"])
        papers = sys.stdin.read()
        if papers.strip():
            open("/tmp/papers.pem", "w").write(papers)
            context.load_cert_chain("/tmp/papers.pem")
        try:
            with context.wrap_socket(socket.create_connection((sys.argv[1], 8000), 5)) as tls:
                tls.sendall(b"GET / HTTP/1.1\r\nHost: server\r\n\r\n")
                print(tls.recv(100).decode().splitlines()[0], end="")
        except Exception as e:
            print("refused:", e, end="")
        """;

    // One for each class of tests; the namespace of the class before may still be on its way out.
    private static int made;

    private readonly SemaphoreSlim _once = new(1, 1);
    private ClusterKubectl? _kubectl;
    private bool _applied;

    /// <summary>Namespace with sidecars.</summary>
    public string Meshed { get; } = $"mesh-e2e-{Environment.ProcessId}-{Interlocked.Increment(ref made)}";

    /// <summary>Namespace without.</summary>
    public string Outside => Meshed + "-outside";

    /// <summary>Server and callers, ready; skips where there is no cluster with a mesh.</summary>
    public async Task ReadyAsync()
    {
        _kubectl ??= ClusterKubectl.OfMesh();
        await _once.WaitAsync();
        try
        {
            if (_applied)
            {
                // Rules of the test before.
                Try(["delete", "peerauthentications,virtualservices", "--all", "-n", Meshed]);
                return;
            }

            _applied = true;
            Apply(Manifest());
            foreach (var (deployment, space) in new[] { ("server", Meshed), ("caller", Meshed), ("outsider", Outside) })
                Kubectl("rollout", "status", $"deployment/{deployment}", "-n", space, "--timeout=120s");
        }
        finally
        {
            _once.Release();
        }
    }

    public string Kubectl(params string[] arguments) => _kubectl!.Must(arguments);

    public void Apply(string yaml) => _kubectl!.Apply(yaml);

    public CommandResult Try(string[] arguments, string? input = null) => _kubectl!.Try(arguments, input);

    /// <summary>Skips where the operator is no Deployment.</summary>
    public void NeedsOperatorDeployment() => Needs.Require("cluster", _kubectl!.HasOperatorDeployment, "needs the operator as a Deployment on that cluster");

    /// <summary>What a GET from the one pod of a deployment brings: the body, or <c>refused: why</c>.</summary>
    public string Get(string deployment, string @namespace, string url) =>
        Kubectl("exec", "-n", @namespace, $"deployment/{deployment}", "-c", "app", "--", "python3", "-c", Fetch, url);

    /// <summary>Requests from the caller to the server as long as the work goes on and a little longer; none may fail. Returns how many there were.</summary>
    public async Task<int> UnderLoadAsync(Func<Task> work, int perSecond = 200)
    {
        var over = $"/tmp/over-{Guid.NewGuid()}";
        var load = Task.Run(() => Kubectl("exec", "-n", Meshed, "deployment/caller", "-c", "app", "--", "python3", "-c", LoadProgram, $"server.{Meshed}:{Port}", $"{perSecond}", $"{LongestLoad.TotalSeconds}", over));
        try
        {
            await Task.Run(work);
            await Task.Delay(LoadAfterwards);
            Assert.False(load.IsCompleted, "the work took longer than the load lasts, or the load could not go on");
        }
        finally
        {
            Try(["exec", "-n", Meshed, "deployment/caller", "-c", "app", "--", "touch", over]);
        }

        var lines = (await load).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines[1] == "0", $"{lines[1]} of {lines[0]} requests failed: {string.Join("; ", lines[2..])}");
        return int.Parse(lines[0], CultureInfo.InvariantCulture);
    }

    /// <summary>A rule by which the server's path /round is answered with these words, by the caller's sidecar.</summary>
    public string Rule(string words) => $$$"""
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: server, namespace: {{{Meshed}}}}
        spec:
          hosts: [server]
          http:
          - match: [{uri: {exact: /round}}]
            directResponse: {status: 200, body: {string: {{{words}}}}}
          - route: [{destination: {host: server}}]
        """;

    /// <summary>What the rule in force at the caller answers.</summary>
    public string Round() => Get("caller", Meshed, $"http://server.{Meshed}:{Port}/round");

    /// <summary>The rule is taken, acts, and its status says so of this very generation.</summary>
    public async Task RuleHolds(string words)
    {
        // Admission refuses our kinds while nobody serves it: then it is tried again, as a user would.
        await Eventually.Passes(() => Task.Run(() => Apply(Rule(words))), "the rule is taken", TimeSpan.FromMinutes(2));
        await Eventually.Is(() => Task.FromResult(Round()), said => said == words, "the rule acts", TimeSpan.FromMinutes(1));
        await Eventually.True(() => IsProgrammed("virtualservice", "server"), "status says that the rule is in force", TimeSpan.FromMinutes(1));
    }

    /// <summary>The operator has two replicas, ready and of one version.</summary>
    public void OperatorReady() => Kubectl("rollout", "status", "deployment/mesh-operator", "-n", "mesh-system", "--timeout=180s");

    private bool IsProgrammed(string kind, string name)
    {
        var rule = JsonNode.Parse(Kubectl("get", kind, name, "-n", Meshed, "-o", "json"))!;
        return rule["status"]?["conditions"]?.AsArray().Any(condition => (string?)condition?["type"] == "Programmed" && (string?)condition["status"] == "True"
            && (long?)condition["observedGeneration"] == (long?)rule["metadata"]!["generation"]) == true;
    }

    /// <summary>What the server's port says to one outside the mesh who shows these papers as the mesh's own TLS would.</summary>
    internal string Show(Papers papers)
    {
        var run = Try(["exec", "-i", "-n", Outside, "deployment/outsider", "-c", "app", "--", "python3", "-c", ShowProgram, ServerAddress], $"{papers.Certificate}\n{papers.Key}\n");
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }

    /// <summary>Address of one of the server's pods.</summary>
    public string ServerAddress => Kubectl("get", "pods", "-n", Meshed, "-l", "app=server", "--field-selector=status.phase=Running", "-o", "jsonpath={.items[0].status.podIP}");

    /// <summary>The mesh's root, as whoever administers the cluster can read it.</summary>
    public TestAuthority Root() => Papers.Root(JsonNode.Parse(Kubectl("get", "secret", "mesh-ca", "-n", "mesh-system", "-o", "json"))!);

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
        return JsonNode.Parse(Get("outsider", Outside, $"http://{ServerAddress}:15020/report"))!;
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
        var image = ClusterKubectl.Image;
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
            ["replicas"] = probed ? 2 : 1,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } },
                ["spec"] = new JsonObject
                {
                    ["serviceAccountName"] = account,
                    ["terminationGracePeriodSeconds"] = probed ? 15 : 1,
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
