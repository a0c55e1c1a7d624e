using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mesh.Benchmarks.Api;
using Mesh.Config;
using Mesh.Config.Identity;
using Mesh.Sidecar.Identity;
using Mesh.Testing;

namespace Mesh.Benchmarks.Convergence;

/// <summary>The API server with the mesh's kinds, and what a crowd asks of it.</summary>
internal sealed class CrowdApi : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly ApiClient _client;
    private readonly string _tokens = Directory.CreateTempSubdirectory("mesh-bench-crowd-").FullName;

    private CrowdApi(ApiServerProcess server) => (Server, _client) = (server, new ApiClient(server.Kubeconfig));

    public ApiServerProcess Server { get; }

    /// <summary>A server with the CRDs, the operator's namespaces and these, which ask for sidecars.</summary>
    public static async Task<CrowdApi> StartAsync(IEnumerable<string> namespaces)
    {
        var api = new CrowdApi(await ApiServerProcess.StartAsync());
        foreach (var file in Directory.GetFiles(Repository.Path("crds"), "*.yaml").Order(StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(file);
            foreach (var document in text.Split("\n---\n").Where(document => document.Contains("kind: CustomResourceDefinition", StringComparison.Ordinal)))
                await api.ApplyAsync($"apis/apiextensions.k8s.io/v1/customresourcedefinitions/{NameOf(document)}", document);
        }

        foreach (var ns in new[] { "mesh-system", "istio-system" }) await api.ApplyAsync($"api/v1/namespaces/{ns}", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {ns}}}}}");
        foreach (var ns in namespaces) await api.ApplyAsync($"api/v1/namespaces/{ns}", $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {ns}, labels: {{istio-injection: enabled}}}}}}");
        return api;
    }

    /// <summary>Applies; where a busy machine let a webhook's time run out, again, as people would.</summary>
    public async Task ApplyAsync(string path, string yaml)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _client.SendAsync(HttpMethod.Patch, $"{path}?fieldManager=bench&force=true", Encoding.UTF8.GetBytes(yaml), "application/apply-patch+yaml");
                return;
            }
            catch (InvalidOperationException e) when (attempt < 5 && e.Message.Contains("failed to call webhook", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }

    public Task DeleteAsync(string path) => _client.SendAsync(HttpMethod.Delete, path);

    public Task<JsonNode> GetAsync(string path) => _client.GetAsync(path);

    /// <summary>A pod that runs and is ready, as a node would say; returns its uid.</summary>
    public async Task<string> PodAsync(string ns, string name, string labels, string address)
    {
        var made = await _client.PostAsync($"api/v1/namespaces/{ns}/pods", Encoding.UTF8.GetBytes($$$"""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{{name}}}", "labels": { {{{labels}}} } }, "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "none"}]} }
            """));
        await _client.SendAsync(HttpMethod.Patch, $"api/v1/namespaces/{ns}/pods/{name}/status", Encoding.UTF8.GetBytes($$$"""
            {"status": {"phase": "Running", "podIP": "{{{address}}}", "podIPs": [{"ip": "{{{address}}}"}], "conditions": [{"type": "Ready", "status": "True"}]} }
            """), "application/merge-patch+json");
        return made["metadata"]!["uid"]!.GetValue<string>();
    }

    /// <summary>The file of the token that the pod has mounted.</summary>
    public async Task<string> TokenFileAsync(string ns, string pod, string uid)
    {
        var answer = await _client.PostAsync($"api/v1/namespaces/{ns}/serviceaccounts/default/token", Encoding.UTF8.GetBytes($$$"""
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["{{{WellKnown.TokenAudience}}}"], "expirationSeconds": 86400, "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "{{{pod}}}", "uid": "{{{uid}}}"} } }
            """));
        var file = Path.Combine(_tokens, uid);
        await File.WriteAllTextAsync(file, answer["status"]!["token"]!.GetValue<string>());
        return file;
    }

    /// <summary>What the operator says of itself in a namespace.</summary>
    public async Task<TrustBundle> TrustAsync(string ns)
    {
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < Patience; await Task.Delay(100))
        {
            try
            {
                var data = (await _client.GetAsync($"api/v1/namespaces/{ns}/configmaps/{WellKnown.TrustConfigMap}"))["data"]!;
                var roots = new X509Certificate2Collection();
                roots.ImportFromPem(data[WellKnown.TrustRoots]!.GetValue<string>());
                SpiffeId.TryParse(data[WellKnown.TrustOperator]!.GetValue<string>().Trim(), out var id);
                return new TrustBundle { Roots = roots, Operator = id!, Address = data[WellKnown.TrustAddress]!.GetValue<string>().Trim(), TrustDomain = data[WellKnown.TrustDomain]!.GetValue<string>().Trim() };
            }
            catch (InvalidOperationException)
            {
                // Not written yet.
            }
        }

        throw new InvalidOperationException("the operator has not written mesh-root");
    }

    public void Dispose()
    {
        _client.Dispose();
        Server.Dispose();
        Directory.Delete(_tokens, recursive: true);
    }

    private static string NameOf(string document)
    {
        var metadata = document.IndexOf("\nmetadata:", StringComparison.Ordinal);
        var name = document.IndexOf("\n  name: ", metadata, StringComparison.Ordinal) + "\n  name: ".Length;
        return document[name..document.IndexOf('\n', name)].Trim();
    }
}
