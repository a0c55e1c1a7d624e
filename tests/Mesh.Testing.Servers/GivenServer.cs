using k8s;

namespace Mesh.Testing.Servers;

/// <summary>
/// Any cluster whose kubeconfig the caller gave; it is left running, and as it was. A cluster with a ready node is taken to
/// run controllers and pods: MESH_TEST_IMAGE names the image for them (default busybox), MESH_TEST_WEBHOOK_HOST the name of
/// this machine as the API server knows it.
/// </summary>
public sealed class GivenServer : ITestServer
{
    private GivenServer(string kubeconfig, bool hasNodes)
    {
        Kubeconfig = kubeconfig;
        RunsControllers = hasNodes;
        Image = hasNodes ? Environment.GetEnvironmentVariable("MESH_TEST_IMAGE") ?? "busybox:1.37" : null;
    }

    public string Kubeconfig { get; }

    public string? WebhookHost => Environment.GetEnvironmentVariable("MESH_TEST_WEBHOOK_HOST");

    public bool RunsControllers { get; }

    public string? Image { get; }

    public static async Task<GivenServer> FindAsync(string kubeconfig)
    {
        using var kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        var nodes = await kubernetes.CoreV1.ListNodeAsync();
        return new GivenServer(kubeconfig, nodes.Items.Any(node => node.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
