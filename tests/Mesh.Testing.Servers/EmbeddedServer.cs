using System.Net;
using k8s;
using Mesh.Local.ApiServer;
using Mesh.Local.Controllers;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Testing.Servers;

/// <summary>The embedded one, in this process, with the controllers of <c>mesh up</c> and no nodes.</summary>
public sealed class EmbeddedServer : ITestServer
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly List<IDisposable> _owned = [];
    private readonly DirectoryInfo _state;
    private readonly EmbeddedApiServer _server;

    private EmbeddedServer(EmbeddedApiServer server, DirectoryInfo state)
    {
        (_server, _state) = (server, state);
        Kubeconfig = Path.Combine(state.FullName, "kubeconfig");
        server.WriteKubeconfig(Kubeconfig, new Uri($"https://127.0.0.1:{server.EndPoints[0].Port}"), ApiUser.Admin);
    }

    public string Kubeconfig { get; }

    public string WebhookHost => "127.0.0.1";

    public bool RunsControllers { get; private set; }

    public string? Image => null;

    public static async Task<EmbeddedServer> StartAsync(bool controllers = false)
    {
        var state = Directory.CreateTempSubdirectory("mesh-server-");
        var server = await EmbeddedApiServer.StartAsync(
            new ApiServerOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], StateDirectory = Path.Combine(state.FullName, "api") }, CancellationToken.None);
        var embedded = new EmbeddedServer(server, state);
        if (controllers) embedded.StartControllers();
        return embedded;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var owned in Enumerable.Reverse(_owned)) owned.Dispose();
        await _server.DisposeAsync();
        _stop.Dispose();
        _state.Delete(recursive: true);
    }

    private void StartControllers()
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig);
        var kubernetes = new Kubernetes(configuration);
        var api = new KubernetesApi(configuration, TimeProvider.System, "mesh-local");
        var view = new ClusterView(api, TimeProvider.System, Random.Shared, NullLogger.Instance);
        var control = new ControlPlane(view, api, kubernetes, new ControlPlaneOptions(), TimeProvider.System, Random.Shared, NullLogger.Instance);
        _owned.AddRange([kubernetes, api, control]);
        _running.AddRange([view.RunAsync(_stop.Token), control.RunAsync(_stop.Token)]);
        RunsControllers = true;
    }
}
