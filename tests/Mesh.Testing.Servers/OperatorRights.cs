using System.Text.Json.Nodes;
using k8s;
using Mesh.Local;

namespace Mesh.Testing.Servers;

/// <summary>
/// The operator's account on a server, with exactly the rights of config/rbac within the bounds of config/policy: as on a
/// cluster. On a server that goes on without us, what was not there before is removed afterwards.
/// </summary>
public sealed class OperatorRights : IAsyncDisposable
{
    public const string Account = "system:serviceaccount:mesh-system:mesh-operator";
    private const string Namespace = "/api/v1/namespaces/mesh-system";

    private readonly Kubernetes _admin;
    private readonly bool _remove;

    private OperatorRights(Kubernetes admin, string kubeconfig, bool remove) => (_admin, Kubeconfig, _remove) = (admin, kubeconfig, remove);

    /// <summary>The account's, by a token for it.</summary>
    public string Kubeconfig { get; }

    private static IEnumerable<Manifest> Manifests => Local.Manifests.Read(
        [Repository.Path("config/operator/namespace.yaml"), Repository.Path("config/rbac"), Repository.Path("config/policy")]);

    public static async Task<OperatorRights> GiveAsync(ITestServer server)
    {
        var admin = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(server.Kubeconfig));
        // From the test before, perhaps.
        await Eventually.True(async () => (await SendAsync(admin, HttpMethod.Get, Namespace))["metadata"]?["deletionTimestamp"] is null, "mesh-system is there or gone", TimeSpan.FromMinutes(2));
        var wasThere = (await SendAsync(admin, HttpMethod.Get, Namespace))["kind"]!.GetValue<string>() == "Namespace";
        var applier = new ManifestApplier(admin.HttpClient, admin.BaseUri);
        foreach (var manifest in Manifests) await applier.ApplyAsync(manifest, CancellationToken.None);
        var rights = new OperatorRights(admin, Path.GetTempFileName(), server.RunsControllers && !wasThere);
        await File.WriteAllTextAsync(rights.Kubeconfig, KubeconfigOf(server.Kubeconfig, await rights.TokenAsync()));
        await rights.BeginAsync();
        return rights;
    }

    /// <summary>Takes the policy on records away, as whoever must edit one by hand has to.</summary>
    public Task FreeRecordsAsync() => SendAsync(HttpMethod.Delete, "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/mesh-records");

    public async ValueTask DisposeAsync()
    {
        if (_remove)
        {
            foreach (var manifest in Manifests.Reverse()) await SendAsync(HttpMethod.Delete, PathOf(manifest));
        }

        _admin.Dispose();
        File.Delete(Kubeconfig);
    }

    private async Task<string> TokenAsync()
    {
        var answer = await SendAsync(HttpMethod.Post, Namespace + "/serviceaccounts/mesh-operator/token", """{"spec":{"expirationSeconds":86400}}""");
        return answer["status"]!["token"]!.GetValue<string>();
    }

    /// <summary>A real server learns of a policy a moment after it was made.</summary>
    private async Task BeginAsync()
    {
        using var account = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig));
        await Eventually.Is(
            async () => (await SendAsync(account, HttpMethod.Post, "/api/v1/namespaces/default/configmaps?dryRun=All", """{"metadata":{"name":"not-ours"}}"""))["message"]?.GetValue<string>(),
            message => message?.Contains("ValidatingAdmissionPolicy", StringComparison.Ordinal) == true, "the policies count");
    }

    private Task<JsonNode> SendAsync(HttpMethod method, string path, string? body = null) => SendAsync(_admin, method, path, body);

    private static async Task<JsonNode> SendAsync(Kubernetes client, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(client.BaseUri, path));
        if (body is not null) request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        if (client.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, CancellationToken.None);
        using var answer = await client.HttpClient.SendAsync(request);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private static string PathOf(Manifest manifest)
    {
        var group = manifest.ApiVersion.Contains('/', StringComparison.Ordinal) ? $"/apis/{manifest.ApiVersion}" : $"/api/{manifest.ApiVersion}";
        var plural = manifest.Kind.EndsWith('y') ? manifest.Kind[..^1] + "ies" : manifest.Kind + "s";
        return $"{group}{(manifest.Namespace is { } ns ? "/namespaces/" + ns : "")}/{plural.ToLowerInvariant()}/{manifest.Name}";
    }

    /// <summary>The same server, by a token.</summary>
    private static string KubeconfigOf(string kubeconfig, string token)
    {
        var admin = KubernetesClientConfiguration.LoadKubeConfig(kubeconfig);
        var context = admin.Contexts.First(one => one.Name == admin.CurrentContext).ContextDetails;
        var cluster = admin.Clusters.First(one => one.Name == context.Cluster).ClusterEndpoint;
        var trust = cluster.SkipTlsVerify ? new JsonObject { ["insecure-skip-tls-verify"] = true } : new JsonObject
        {
            ["certificate-authority-data"] = cluster.CertificateAuthorityData ?? Convert.ToBase64String(File.ReadAllBytes(cluster.CertificateAuthority)),
        };
        trust["server"] = cluster.Server;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["current-context"] = "operator",
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "operator", ["context"] = new JsonObject { ["cluster"] = "it", ["user"] = "operator" } }),
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "it", ["cluster"] = trust }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "operator", ["user"] = new JsonObject { ["token"] = token } }),
        }.ToJsonString();
    }
}
