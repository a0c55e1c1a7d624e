using System.Collections.Concurrent;
using Mesh.Testing;
using Mesh.Testing.Servers;

[assembly: AssemblyFixture(typeof(Mesh.ApiServer.Conformance.Tests.Servers.ServerPool))]

namespace Mesh.ApiServer.Conformance.Tests.Servers;

/// <summary>One server of a kind for all tests, started by the first that asks and ended after the last.</summary>
public sealed class ServerPool : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ServerKind, Lazy<Task<ITestServer>>> started = new();

    public static IReadOnlyList<ServerKind> Present { get; } = [.. Enum.GetValues<ServerKind>().Where(kind => Missing(kind) is null)];

    /// <summary>Why there is no such server here; null: there is.</summary>
    public static string? Missing(ServerKind kind) => kind switch
    {
        ServerKind.Embedded => null,
        ServerKind.MeshUp => MeshServer.CanRun ? null : "needs root and `make build`",
        ServerKind.KubebuilderAssets => AssetsServer.Directory is null ? "needs kube-apiserver and etcd: set KUBEBUILDER_ASSETS to their directory" : null,
        ServerKind.Given => File.Exists(Environment.GetEnvironmentVariable("MESH_TEST_KUBECONFIG")) ? null : "needs a cluster: set MESH_TEST_KUBECONFIG to its kubeconfig",
        _ => K3sServer.EngineAnswers ? null : "needs a Docker engine for a K3s container",
    };

    public Task<ITestServer> GetAsync(ServerKind kind) =>
        started.GetOrAdd(kind, static kind => new Lazy<Task<ITestServer>>(() => Task.Run(() => StartAsync(kind)))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in started.Values)
        {
            if (server.Value.IsCompletedSuccessfully)
                await server.Value.Result.DisposeAsync();
        }
    }

    private static async Task<ITestServer> StartAsync(ServerKind kind) => kind switch
    {
        ServerKind.Embedded => await EmbeddedServer.StartAsync(controllers: true),
        ServerKind.MeshUp => await MeshServer.StartAsync(),
        ServerKind.KubebuilderAssets => await AssetsServer.StartAsync(AssetsServer.Directory!),
        ServerKind.Given => await GivenServer.FindAsync(Needs.Cluster()),
        _ => await K3sServer.StartAsync(),
    };
}
