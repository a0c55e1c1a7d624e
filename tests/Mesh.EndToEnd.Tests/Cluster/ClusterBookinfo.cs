using System.Globalization;
using System.Text.Json.Nodes;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// Bookinfo on the cluster of MESH_TEST_KUBECONFIG, from the committed samples, in a namespace that goes with the tests; beside
/// it a client that asks. MESH_TEST_BOOKINFO_IMAGE names its image (mesh/bookinfo), MESH_TEST_IMAGE that of the client.
/// </summary>
public sealed class ClusterBookinfo : IAsyncLifetime
{
    private const string Rules = "virtualservices,destinationrules,serviceentries,peerauthentications";

    // One request after the other over a connection that is kept; a line an answer: status, version of who answered, seconds.
    private const string AskProgram = """
        import http.client, sys, time, urllib.parse
        url, times, headers = urllib.parse.urlsplit(sys.argv[1]), int(sys.argv[2]), dict(h.split(": ", 1) for h in sys.argv[3:])
        kept = None
        for _ in range(times):
            begun = time.monotonic()
            try:
                kept = kept or http.client.HTTPConnection(url.hostname, url.port or 80, timeout=20)
                kept.request("GET", url.path or "/", headers=headers)
                answer = kept.getresponse()
                answer.read()
                said = "%d %s" % (answer.status, answer.headers.get("x-bookinfo-version", "-"))
                if answer.will_close: kept.close(); kept = None
            except Exception as e:
                kept, said = None, "0 " + type(e).__name__
            print(said, "%.3f" % (time.monotonic() - begun))
        """;

    private readonly SemaphoreSlim _once = new(1, 1);
    private ClusterKubectl? _kubectl;
    private bool _applied;
    private bool _ready;

    public string Namespace { get; } = $"mesh-bookinfo-{Environment.ProcessId}";

    /// <summary>Bookinfo ready, with no rules but the sample's subsets; skips where there is no cluster with a mesh.</summary>
    public async Task<ClusterBookinfo> ReadyAsync()
    {
        _kubectl ??= ClusterKubectl.OfMesh();
        await _once.WaitAsync();
        try
        {
            if (!_ready) Deploy();
            _kubectl.Must("delete", Rules, "--all", "-n", Namespace, "--wait=true");
            ApplySample("bookinfo/destination-rules.yaml");
            return this;
        }
        finally
        {
            _once.Release();
        }
    }

    /// <summary>kubectl in bookinfo's namespace.</summary>
    public string Kubectl(params string[] arguments) => _kubectl!.Must([.. Here(arguments)]);

    /// <summary>The same, whatever comes of it.</summary>
    public CommandResult Try(string[] arguments, string? input = null) => _kubectl!.Try(Here(arguments), input);

    public void Apply(string yaml) => _kubectl!.Apply(yaml, "-n", Namespace);

    /// <summary>Applies one of config/samples, with the image that this cluster has.</summary>
    public void ApplySample(string file) => Apply(Sample(file));

    public JsonNode Get(params string[] what) => _kubectl!.Get([.. Here(what)]);

    /// <summary>Every proxy obeys the rule.</summary>
    public void Programmed(string rule) => Kubectl("wait", "--for=condition=Programmed", rule, "--timeout=60s");

    /// <summary>A condition of an object's status, or null.</summary>
    public JsonNode? Condition(string what, string type) =>
        Get(what)["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => (string?)condition?["type"] == type);

    /// <summary>Name of the one pod of an application's version that is not on its way out.</summary>
    public string Pod(string app, string version = "v1") =>
        (string)Assert.Single(Get("pods", "-l", $"app={app},version={version}")["items"]!.AsArray(), pod => pod!["metadata"]!["deletionTimestamp"] is null)!["metadata"]!["name"]!;

    /// <summary>GETs of the client, a line an answer: status, version of who answered (or what went wrong), seconds.</summary>
    public IReadOnlyList<string> Ask(string url, int times, params string[] headers) =>
        Kubectl(["exec", "deployment/client", "-c", "client", "--", "python3", "-c", AskProgram, url, times.ToString(CultureInfo.InvariantCulture), .. headers])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Which versions of reviews answer; in the place of each other answer what it was.</summary>
    public IReadOnlyList<string> Reviews(int times, params string[] headers) =>
        [.. Ask("http://reviews:9080/reviews/0", times, headers).Select(line => line.Split(' ')).Select(words => words[0] == "200" ? words[1] : $"{words[0]} {words[1]}")];

    /// <summary>Status codes of so many answers.</summary>
    public IReadOnlyList<string> Codes(string url, int times, params string[] headers) => [.. Ask(url, times, headers).Select(line => line.Split(' ')[0])];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        if (_applied) _kubectl!.Try(["delete", "namespace", Namespace, "--wait=false"]);
        _once.Dispose();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<string> Here(IEnumerable<string> arguments) => ["-n", Namespace, .. arguments];

    private void Deploy()
    {
        _applied = true;
        _kubectl!.Apply($$"""
            apiVersion: v1
            kind: Namespace
            metadata:
              name: {{Namespace}}
              labels: {istio-injection: enabled}
            """);
        // The sample begins with the namespace `default`, which is the cluster's own.
        Apply(string.Join("\n---\n", Sample("bookinfo/bookinfo.yaml").Split("\n---\n").Skip(1)));
        Apply($$$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: client}
            spec:
              selector: {matchLabels: {app: client}}
              template:
                metadata: {labels: {app: client}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers: [{name: client, image: {{{ClusterKubectl.Image}}}, command: [python3, -c, "import time\nwhile True: time.sleep(3600)"]}]
            """);
        Kubectl("wait", "--for=condition=Available", "deployment", "--all", "--timeout=180s");
        _ready = true;
    }

    private static string Sample(string file) => File.ReadAllText(Repository.Path($"config/samples/{file}"))
        .Replace("image: mesh/bookinfo", $"image: {Environment.GetEnvironmentVariable("MESH_TEST_BOOKINFO_IMAGE") ?? "mesh/bookinfo"}", StringComparison.Ordinal);
}
