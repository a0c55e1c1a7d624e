using System.Net;
using Mesh.Local.ApiServer;

namespace Mesh.Testing.Servers;

/// <summary>The embedded one, in this process, with the controllers of <c>mesh up</c> and no nodes.</summary>
public sealed class EmbeddedServer : ITestServer
{
    private readonly DirectoryInfo _state;
    private readonly EmbeddedApiServer _server;
    private RunningControllers? _controllers;

    private EmbeddedServer(EmbeddedApiServer server, DirectoryInfo state)
    {
        (_server, _state) = (server, state);
        Kubeconfig = Path.Combine(state.FullName, "kubeconfig");
        server.WriteKubeconfig(Kubeconfig, new Uri($"https://127.0.0.1:{server.EndPoints[0].Port}"), ApiUser.Admin);
    }

    public string Kubeconfig { get; }

    public string WebhookHost => "127.0.0.1";

    public bool RunsControllers => _controllers is not null;

    public string? Image => null;

    public static async Task<EmbeddedServer> StartAsync(bool controllers = false)
    {
        var state = Directory.CreateTempSubdirectory("mesh-server-");
        var server = await EmbeddedApiServer.StartAsync(
            new ApiServerOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], StateDirectory = Path.Combine(state.FullName, "api") }, CancellationToken.None);
        var embedded = new EmbeddedServer(server, state);
        if (controllers) embedded._controllers = await RunningControllers.StartAsync(embedded.Kubeconfig, schedules: true);
        return embedded;
    }

    public async ValueTask DisposeAsync()
    {
        if (_controllers is not null) await _controllers.DisposeAsync();
        await _server.DisposeAsync();
        _state.Delete(recursive: true);
    }
}
