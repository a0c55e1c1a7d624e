using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Mesh.Local.Node.Pods;
using Mesh.Local.Node.Sessions;
using Mesh.Local.Tests.Node;

namespace Mesh.Local.Tests.ApiServer.Streaming;

/// <summary>An API server and a node whose pods are real processes, without the controllers between them.</summary>
internal sealed class RunningPods : IAsyncDisposable
{
    private readonly Dictionary<string, PodWorker> workers = [];

    private RunningPods(TestNode node) => Node = node;

    public TestNode Node { get; }

    public ApiServerFixture Api { get; private set; } = null!;

    public static async Task<RunningPods> StartAsync()
    {
        var pods = new RunningPods(await TestNode.StartAsync());
        var streams = new NodeStreams((_, name) => pods.workers.GetValueOrDefault(name), pods.Node.Directory, TimeProvider.System).Streams;
        pods.Api = await ApiServerFixture.StartAsync(options => options with { Pods = streams });
        return pods;
    }

    /// <summary>A pod of one container "c" that runs the script in a shell, once it does.</summary>
    public async Task<PodWorker> RunAsync(string name, string script, string more = "")
    {
        var worker = await StartAsync(name, script, more);
        await Node.Until(worker, status => status.ContainerStatuses[0].State.Running is not null, "the container runs");
        return worker;
    }

    public async Task<PodWorker> StartAsync(string name, string script, string more = "")
    {
        var manifest = $"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{nodeName: node-1, restartPolicy: Never, automountServiceAccountToken: false, containers: [{{name: c, image: local/host, command: [sh, -c, {System.Text.Json.JsonSerializer.Serialize(script)}]{more}}}]}}";
        var stored = await Api.MustAsync("POST", "/api/v1/namespaces/default/pods", JsonNode.Parse(KubernetesJson.Serialize(KubernetesYaml.Deserialize<V1Pod>(manifest))));
        return workers[name] = Node.Start(KubernetesJson.Deserialize<V1Pod>(stored.ToJsonString()));
    }

    /// <summary>Opens a WebSocket for a subresource of the pod.</summary>
    public async Task<ChannelReader> OpenAsync(string pod, string query, params string[] protocols) =>
        new(await Api.ConnectAsync($"/api/v1/namespaces/default/pods/{pod}/{query}", protocols));

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Api.DisposeAsync();
    }
}
