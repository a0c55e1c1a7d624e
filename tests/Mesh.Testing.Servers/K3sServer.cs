using Testcontainers.K3s;

namespace Mesh.Testing.Servers;

/// <summary>A K3s cluster in a container: a whole Kubernetes, wherever a Docker engine answers.</summary>
public sealed class K3sServer : ITestServer
{
    private readonly K3sContainer _container;
    private readonly DirectoryInfo _state;

    private K3sServer(K3sContainer container, DirectoryInfo state) => (_container, _state) = (container, state);

    public string Kubeconfig => Path.Combine(_state.FullName, "kubeconfig");

    public string WebhookHost => "host.docker.internal";

    public bool RunsControllers => true;

    public string Image => Environment.GetEnvironmentVariable("MESH_TEST_IMAGE") ?? "busybox:1.37";

    /// <summary>Whether an engine can be asked: its socket, or DOCKER_HOST.</summary>
    public static bool EngineAnswers => File.Exists("/var/run/docker.sock") || Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 };

    public static async Task<K3sServer> StartAsync()
    {
        var image = Environment.GetEnvironmentVariable("MESH_TEST_K3S_IMAGE") ?? "rancher/k3s:v1.34.1-k3s1";
        var container = new K3sBuilder(image).WithExtraHost("host.docker.internal", "host-gateway").Build();
        await container.StartAsync();
        var server = new K3sServer(container, Directory.CreateTempSubdirectory("mesh-k3s-"));
        await File.WriteAllTextAsync(server.Kubeconfig, await container.GetKubeconfigAsync());
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _container.DisposeAsync();
        _state.Delete(recursive: true);
    }
}
