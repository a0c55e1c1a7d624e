using k8s;
using k8s.Models;
using Mesh.Operator.Core.Injection;
using Mesh.Testing;
using Mesh.Testing.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Serilog.Events;

namespace Mesh.Operator.Tests;

/// <summary>
/// An embedded API server with our CRDs, and operators started against it as on a cluster: with the rights of their account and
/// within the policies. Nothing runs pods: tests write their status.
/// </summary>
internal sealed class EmbeddedCluster : IAsyncDisposable
{
    private readonly EmbeddedServer _server;
    private OperatorRights? _rights;
    private readonly List<WebApplication> _operators = [];
    private readonly Dictionary<WebApplication, Uri> _webhooks = [];

    private EmbeddedCluster(EmbeddedServer server)
    {
        _server = server;
        Api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig), TimeProvider.System, "test");
    }

    public string Kubeconfig => _server.Kubeconfig;

    /// <summary>With the rights of the operator and no others.</summary>
    public string OperatorKubeconfig => _rights!.Kubeconfig;

    public KubernetesApi Api { get; }

    public EmbeddedServer Server => _server;

    /// <param name="definitions">What to make of our definitions; null leaves them.</param>
    /// <param name="keeps">Objects outlive the server.</param>
    public static async Task<EmbeddedCluster> StartAsync(Func<V1CustomResourceDefinition, V1CustomResourceDefinition>? definitions = null, bool keeps = false)
    {
        var cluster = new EmbeddedCluster(await EmbeddedServer.StartAsync(keeps: keeps));
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "crds"), "*.yaml").Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal)))
        {
            var definition = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(await File.ReadAllTextAsync(file));
            await cluster.Api.CreateAsync(definitions?.Invoke(definition) ?? definition);
        }

        cluster._rights = await OperatorRights.GiveAsync(cluster._server);
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
    /// <param name="change">Of its options.</param>
    /// <param name="through">A port of this machine through which it reaches the API server.</param>
    public async Task<WebApplication> StartOperatorAsync(Func<OperatorOptions, OperatorOptions>? change = null, int? through = null)
    {
        var port = FreePort.Find();
        var options = new OperatorOptions
        {
            Kubeconfig = _rights!.Kubeconfig,
            Identity = "test",
            WebhookUrl = new Uri($"https://127.0.0.1:{port}"),
            WebhookPort = port,
            MetricsPort = FreePort.Find(),
            ControlPort = FreePort.Find(),
            Injection = new InjectionSettings(),
        };
        options = change?.Invoke(options) ?? options;
        var app = OperatorHost.Build(options, () => Connection(through), LogEventLevel.Debug);
        _operators.Add(app);
        await app.StartAsync();
        await Eventually.True(() => app.Services.GetRequiredService<MeshLoop>().IsSynced, "the operator has listed everything");
        await Eventually.True(() => app.Services.GetRequiredService<Webhooks.WebhookRegistration>().IsRegistered, "the webhooks are registered");
        if (options.WebhookUrl is { } url) _webhooks[app] = url;
        await AnsweredAsync();
        return app;
    }

    /// <summary>Waits until an operator ends by itself, as its own program would then do, and clears it away.</summary>
    public async Task EndedAsync(WebApplication app)
    {
        await Eventually.True(() => app.Lifetime.ApplicationStopping.IsCancellationRequested, "the operator ends");
        _operators.Remove(app);
        _webhooks.Remove(app);
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private KubernetesClientConfiguration Connection(int? through)
    {
        var connection = KubernetesClientConfiguration.BuildConfigFromConfigFile(_rights!.Kubeconfig);
        if (through is { } port) connection.Host = new UriBuilder(connection.Host) { Port = port }.Uri.ToString();
        return connection;
    }

    /// <summary>Lets anybody edit records, which the policy on them keeps for the operator.</summary>
    public Task FreeRecordsAsync() => _rights!.FreeRecordsAsync();

    public async Task StopOperatorAsync(WebApplication app)
    {
        _operators.Remove(app);
        _webhooks.Remove(app);
        await app.StopAsync();
        await app.DisposeAsync();
        await AnsweredAsync();
    }

    /// <summary>Operators here have an address each, and no Service before them: the one that leads puts its own into the configurations.</summary>
    private async Task AnsweredAsync()
    {
        if (_webhooks.Count == 0) return;
        await Eventually.True(
            async () => await Api.GetAsync<V1ValidatingWebhookConfiguration>(Webhooks.WebhookConfigurations.ValidatorName) is { Webhooks.Count: > 0 } validator
                && _webhooks.Values.Any(url => validator.Webhooks[0].ClientConfig.Url?.StartsWith(url.ToString(), StringComparison.Ordinal) == true),
            "the webhooks are those of an operator that runs");
    }

    public async ValueTask DisposeAsync()
    {
        _webhooks.Clear();
        foreach (var app in _operators.ToList()) await StopOperatorAsync(app);
        Api.Dispose();
        if (_rights is not null) await _rights.DisposeAsync();
        await _server.DisposeAsync();
    }
}
