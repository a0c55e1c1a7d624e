using System.Runtime.InteropServices;
using k8s;
using Mesh.Local.ApiServer;
using Mesh.Local.Controllers;
using Mesh.Local.Node;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Network;
using Mesh.Local.Node.Sessions;
using Mesh.Operator.Runtime;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>The node of the recordings that had one: a real agent over the server's own HTTPS, real processes in real namespaces.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private const string Name = "node1";

    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> running = [];
    private readonly List<IDisposable> owned = [];
    private readonly string directory = Directory.CreateTempSubdirectory("mesh-replay-").FullName;
    private readonly Fabric fabric;
    private MeshNode? node;

    private RunningNode(Fabric fabric) => this.fabric = fabric;

    /// <summary>What the API server asks about pods; it is there before the node.</summary>
    public PodStreams Streams => new NodeStreams((ns, pod) => node?.Agent?.Find(ns, pod), directory, TimeProvider.System).Streams;

    public static async Task<RunningNode> CreateAsync() => new(await Fabric.CreateAsync(AddressPlan.Choose("replay", []), 1, default));

    /// <summary>How the server reaches pods.</summary>
    public ApiServerDial Dial => fabric.Sockets.DialAsync;

    public async Task StartAsync(string kubeconfig)
    {
        var api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), TimeProvider.System, "kubelet");
        var kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));
        var view = new ClusterView(api, TimeProvider.System, Random.Shared, NullLogger.Instance);
        node = MeshNode.Beside(view, api, kubernetes, new NodeIdentity(Name, "local-a"), fabric.Nodes[0], new NodeSetup
        {
            // The recording's own image had a shell and perl, as this machine has.
            Images = new Images(Repository.Path("bin"), Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."))) { HostNames = ["local/debian-dotnet"] },
            Directory = directory,
            Hidden = [],
            Limits = Cgroups.Find("mesh-" + Path.GetFileName(directory)),
            Started = _ => { },
            Time = TimeProvider.System,
            Random = Random.Shared,
            Log = NullLogger.Instance,
        });
        owned.AddRange([api, kubernetes, node]);
        running.Add(view.RunAsync(stopping.Token));
        running.AddRange(node.Loops().Select(loop => loop(stopping.Token)));
        await node.StartAsync(default);
        await view.Listed;
    }

    /// <summary>What the recorder did by kubectl exec.</summary>
    public async Task ExecAsync(string ns, string pod, string container, string[] command)
    {
        var run = node!.Agent!.Find(ns, pod)!.Containers.First(one => one.Name == container);
        var result = await run.ExecAsync(command, default);
        Assert.True(result.Ok, result.Message);
    }

    public async ValueTask DisposeAsync()
    {
        if (node is not null)
            await node.SwitchOffAsync();
        await stopping.CancelAsync();
        await Task.WhenAll(running);
        foreach (var one in Enumerable.Reverse(owned))
            one.Dispose();
        fabric.Dispose();
        Directory.Delete(directory, recursive: true);
        stopping.Dispose();
    }
}
