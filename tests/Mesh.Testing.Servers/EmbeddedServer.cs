using System.Net;
using Mesh.Local.ApiServer;

namespace Mesh.Testing.Servers;

/// <summary>The embedded one, in this process, with the controllers of <c>mesh up</c> and no nodes.</summary>
public sealed class EmbeddedServer : ITestServer
{
    private readonly DirectoryInfo _state;
    private readonly ApiServerOptions _options;
    private EmbeddedApiServer? _server;
    private RunningControllers? _controllers;

    private EmbeddedServer(EmbeddedApiServer server, ApiServerOptions options, DirectoryInfo state)
    {
        (_server, _options, _state) = (server, options with { Listen = server.EndPoints }, state);
        Kubeconfig = Path.Combine(state.FullName, "kubeconfig");
        server.WriteKubeconfig(Kubeconfig, new Uri($"https://127.0.0.1:{server.EndPoints[0].Port}"), ApiUser.Admin);
    }

    public string Kubeconfig { get; }

    public string WebhookHost => "127.0.0.1";

    public bool RunsControllers => _controllers is not null;

    public string? Image => null;

    /// <param name="controllers">Runs those of <c>mesh up</c> too.</param>
    /// <param name="keeps">Objects outlive the server, so that it can be started again.</param>
    public static async Task<EmbeddedServer> StartAsync(bool controllers = false, bool keeps = false)
    {
        var state = Directory.CreateTempSubdirectory("mesh-server-");
        var options = new ApiServerOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            StateDirectory = Path.Combine(state.FullName, "api"),
            KeepObjectsAt = keeps ? Path.Combine(state.FullName, "objects") : null,
        };
        var embedded = new EmbeddedServer(await EmbeddedApiServer.StartAsync(options, CancellationToken.None), options, state);
        if (controllers) embedded._controllers = await RunningControllers.StartAsync(embedded.Kubeconfig, schedules: true);
        return embedded;
    }

    /// <summary>A copy of all objects, as a backup of etcd is one.</summary>
    public string CopyObjects()
    {
        var copy = Path.Combine(_state.FullName, Path.GetRandomFileName());
        File.Copy(_options.KeepObjectsAt!, copy);
        return copy;
    }

    /// <summary>Nobody answers at its address any more.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } server) await server.DisposeAsync();
    }

    /// <summary>The same server at the same address, with the objects it had, or those of a copy.</summary>
    public async Task StartAgainAsync(string? copy = null)
    {
        await StopAsync();
        if (copy is not null) File.Copy(copy, _options.KeepObjectsAt!, overwrite: true);
        _server = await EmbeddedApiServer.StartAsync(_options, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_controllers is not null) await _controllers.DisposeAsync();
        await StopAsync();
        _state.Delete(recursive: true);
    }
}
