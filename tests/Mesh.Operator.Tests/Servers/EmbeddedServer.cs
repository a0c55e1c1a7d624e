using System.Net;
using Mesh.Local.ApiServer;

namespace Mesh.Operator.Tests.Servers;

/// <summary>The embedded one.</summary>
internal sealed class EmbeddedServer(EmbeddedApiServer server, DirectoryInfo state) : ITestServer
{
    public string Kubeconfig { get; } = Path.Combine(state.FullName, "kubeconfig");

    public bool ReachesUs => true;

    public static async Task<EmbeddedServer> StartAsync()
    {
        var state = Directory.CreateTempSubdirectory("mesh-operator-tests-");
        var server = await EmbeddedApiServer.StartAsync(
            new ApiServerOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], StateDirectory = state.FullName }, CancellationToken.None);
        var embedded = new EmbeddedServer(server, state);
        server.WriteKubeconfig(embedded.Kubeconfig, new Uri($"https://127.0.0.1:{server.EndPoints[0].Port}"), ApiUser.Admin);
        return embedded;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        state.Delete(recursive: true);
    }
}
