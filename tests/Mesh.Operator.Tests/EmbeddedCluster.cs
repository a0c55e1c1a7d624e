using k8s;
using k8s.Models;
using Mesh.Local.ApiServer;
using Mesh.Operator.Core.Injection;
using Mesh.Testing;
using Mesh.Testing.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Serilog.Events;

namespace Mesh.Operator.Tests;

/// <summary>An embedded API server with our CRDs, and operators started against it. Nothing runs pods: tests write their status.</summary>
internal sealed class EmbeddedCluster : IAsyncDisposable
{
    private readonly EmbeddedServer _server;
    private readonly List<WebApplication> _operators = [];
    private string? _account;

    private EmbeddedCluster(EmbeddedServer server)
    {
        _server = server;
        Api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig), TimeProvider.System, "test");
    }

    public string Kubeconfig => _server.Kubeconfig;

    public KubernetesApi Api { get; }

    /// <summary>From now on operators run as on a cluster: with the account and the rights of config/rbac, and no others.</summary>
    public async Task RestrictAsync()
    {
        await Api.CreateAsync(Make.Namespace("mesh-system"));
        foreach (var entity in await KubernetesYaml.LoadAllFromFileAsync(Repository.Path("config/rbac/role.yaml")))
        {
            switch (entity)
            {
                case V1ClusterRole role: await Api.CreateAsync(role); break;
                case V1ClusterRoleBinding binding: await Api.CreateAsync(binding); break;
                case V1Role role: await Api.CreateAsync(role); break;
                case V1RoleBinding binding: await Api.CreateAsync(binding); break;
                default: throw new InvalidOperationException($"config/rbac holds a {entity.GetType().Name}");
            }
        }

        _account = _server.KubeconfigOf(ApiUser.ServiceAccount("mesh-system", "mesh-operator"));
    }

    public static async Task<EmbeddedCluster> StartAsync()
    {
        var cluster = new EmbeddedCluster(await EmbeddedServer.StartAsync());
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "crds"), "*.yaml").Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal)))
        {
            var definition = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file));
            await cluster.Api.CreateAsync(definition);
        }

        await Eventually.True(
            async () =>
            {
                try
                {
                    await EveryKind.ListAsync(cluster.Api);
                    return true;
                }
                catch (ApiException)
                {
                    return false;
                }
            },
            "the CRDs are served");
        return cluster;
    }

    /// <summary>Starts an operator and waits until it has listed everything and registered its webhooks.</summary>
    public async Task<WebApplication> StartOperatorAsync(Func<OperatorOptions, OperatorOptions>? change = null)
    {
        var port = FreePort.Find();
        var options = new OperatorOptions
        {
            Kubeconfig = _account ?? Kubeconfig,
            Identity = "test",
            WebhookUrl = new Uri($"https://127.0.0.1:{port}"),
            WebhookPort = port,
            MetricsPort = FreePort.Find(),
            ControlPort = FreePort.Find(),
            Injection = new InjectionSettings(),
        };
        options = change?.Invoke(options) ?? options;
        var app = OperatorHost.Build(options, () => KubernetesClientConfiguration.BuildConfigFromConfigFile(_account ?? Kubeconfig), LogEventLevel.Debug);
        _operators.Add(app);
        await app.StartAsync();
        await Eventually.True(() => app.Services.GetRequiredService<MeshLoop>().IsSynced, "the operator has listed everything");
        await Eventually.True(() => app.Services.GetRequiredService<Webhooks.WebhookRegistration>().IsRegistered, "the webhooks are registered");
        return app;
    }

    public async Task StopOperatorAsync(WebApplication app)
    {
        _operators.Remove(app);
        await app.StopAsync();
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _operators.ToList()) await StopOperatorAsync(app);
        Api.Dispose();
        await _server.DisposeAsync();
    }
}
