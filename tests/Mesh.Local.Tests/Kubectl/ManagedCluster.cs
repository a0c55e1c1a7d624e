using k8s;
using Mesh.Local.Controllers;
using Mesh.Local.Tests.ApiServer;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Local.Tests.Kubectl;

/// <summary>An API server with the controllers beside it and no node: as the recorded one was.</summary>
internal sealed class ManagedCluster : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ApiServerFixture server;
    private readonly Kubernetes kubernetes;
    private readonly KubernetesApi api;
    private readonly ControlPlane control;
    private readonly Task running;

    private ManagedCluster(ApiServerFixture server)
    {
        this.server = server;
        kubernetes = server.Kubernetes();
        api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(server.Kubeconfig), TimeProvider.System, "test");
        var view = new ClusterView(api, TimeProvider.System, Random.Shared, NullLogger.Instance);
        control = new ControlPlane(view, api, kubernetes, (_, _, _, _) => { }, TimeProvider.System, Random.Shared, NullLogger.Instance);
        running = Task.WhenAll(view.RunAsync(stop.Token), control.RunAsync(stop.Token));
    }

    public ApiServerFixture Server => server;

    public static async Task<ManagedCluster> StartAsync() => new(await ApiServerFixture.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        control.Dispose();
        api.Dispose();
        kubernetes.Dispose();
        await server.DisposeAsync();
        stop.Dispose();
    }
}
