using System.Globalization;
using Mesh.Testing;

namespace Mesh.EndToEnd.Tests.Cluster;

/// <summary>
/// Istio's samples (MESH_ISTIO_SAMPLES: the folder <c>samples</c> of a release of Istio) on the cluster of MESH_TEST_KUBECONFIG:
/// bookinfo, httpbin and curl from their own files, unchanged, in a namespace that goes with the tests.
/// </summary>
public sealed class IstioTasks : IAsyncLifetime
{
    private static readonly string[] Rules = ["virtualservices,destinationrules,serviceentries,gateways,sidecars", "--all"];

    private readonly SemaphoreSlim _once = new(1, 1);
    private ClusterKubectl? _kubectl;
    private string _samples = "";
    private bool _applied;

    public string Namespace { get; } = $"mesh-tasks-{Environment.ProcessId}";

    /// <summary>The samples, ready and without rules but the subsets; skips where there is no cluster or no samples.</summary>
    public async Task ReadyAsync()
    {
        _kubectl ??= ClusterKubectl.OfMesh();
        _samples = Environment.GetEnvironmentVariable("MESH_ISTIO_SAMPLES") ?? "";
        Needs.Require("samples", Directory.Exists(Path.Combine(_samples, "bookinfo")), "needs Istio's samples: set MESH_ISTIO_SAMPLES to the folder samples of a release of Istio");
        await _once.WaitAsync();
        try
        {
            if (!_applied) Deploy();
            _kubectl.Try(["delete", .. Rules, "-n", Namespace]);
            Apply("bookinfo/networking/destination-rule-all.yaml");
        }
        finally
        {
            _once.Release();
        }
    }

    /// <summary>Applies one of the samples' files as it is.</summary>
    public void Apply(string file) => Kubectl("apply", "-n", Namespace, "-f", Path.Combine(_samples, file));

    /// <summary>Applies rules as a task's page writes them.</summary>
    public void ApplyText(string yaml) => _kubectl!.Apply(yaml, "-n", Namespace);

    /// <summary>Every proxy obeys the rule.</summary>
    public void Programmed(string rule) => Kubectl("wait", "--for=condition=Programmed", rule, "-n", Namespace, "--timeout=60s");

    /// <summary>curl in the pod of the sample curl.</summary>
    public string Curl(params string[] arguments) =>
        Kubectl(["exec", "-n", Namespace, "deployment/curl", "-c", "curl", "--", "curl", "-s", "--max-time", "20", .. arguments]);

    /// <summary>Which version of reviews answers, so many times.</summary>
    public string[] Reviews(int times, params string[] headers) =>
    [
        .. Curl([.. headers.SelectMany(header => new[] { "-H", header }), "-w", "\\n", $"http://reviews:9080/reviews/0?n=[1-{times.ToString(CultureInfo.InvariantCulture)}]"])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Version),
    ];

    public string Kubectl(params string[] arguments) => _kubectl!.Must(arguments);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        if (_applied) _kubectl!.Try(["delete", "namespace", Namespace, "--wait=false"]);
        _once.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Deploy()
    {
        _applied = true;
        Kubectl("create", "namespace", Namespace);
        Kubectl("label", "namespace", Namespace, "istio-injection=enabled");
        foreach (var file in new[] { "bookinfo/platform/kube/bookinfo.yaml", "httpbin/httpbin.yaml", "curl/curl.yaml" }) Apply(file);
        Kubectl("wait", "--for=condition=Available", "deployment", "--all", "-n", Namespace, "--timeout=180s");
    }

    // "podname": "reviews-v2-…"
    private static string Version(string answer)
    {
        var at = answer.IndexOf("reviews-v", StringComparison.Ordinal);
        return at < 0 ? answer : answer.Substring(at + "reviews-".Length, 2);
    }
}
