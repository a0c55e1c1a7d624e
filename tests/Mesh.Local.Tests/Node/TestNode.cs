using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Mesh.Local.Node;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Network;
using Mesh.Local.Node.Pods;
using Mesh.Local.Node.Volumes;
using Mesh.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Local.Tests.Node;

/// <summary>A node without an API server: objects come from dictionaries, what it writes is kept to be looked at.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly CancellationTokenSource _shutdown = new();
    private readonly List<Task> _running = [];
    private readonly SemaphoreSlim _starting = new(8);

    private TestNode(NodeNetwork network) => Network = network;

    public NodeNetwork Network { get; }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("mesh-node-").FullName;

    public ConcurrentDictionary<string, V1ConfigMap> ConfigMaps { get; } = [];

    public List<V1Service> ServiceObjects { get; } = [];

    public ConcurrentDictionary<string, V1PodStatus> Statuses { get; } = [];

    public ConcurrentBag<string> Removed { get; } = [];

    public ConcurrentQueue<PodEvent> Events { get; } = [];

    public static async Task<TestNode> StartAsync()
    {
        Needs.Netns();
        return new TestNode(await NodeNetwork.CreateAsync(AddressPlan.Choose("pod-test", []), default));
    }

    public PodWorker Start(string yaml)
    {
        var pod = KubernetesYaml.Deserialize<V1Pod>(yaml);
        pod.Metadata.Uid = Guid.NewGuid().ToString();
        pod.Metadata.NamespaceProperty ??= "default";
        pod.Spec.RestartPolicy ??= "Always";
        return Start(pod);
    }

    public PodWorker Start(V1Pod pod)
    {
        var worker = new PodWorker(pod, Services());
        _running.Add(worker.RunAsync(_starting, _shutdown.Token));
        return worker;
    }

    public Task<V1PodStatus?> Until(PodWorker worker, Func<V1PodStatus, bool> wanted, string what, TimeSpan? limit = null) =>
        Eventually.Is(() => Task.FromResult(Statuses.GetValueOrDefault(worker.Pod.Metadata.Uid)), s => s is not null && wanted(s), what, limit)!;

    public Task Ready(PodWorker worker) =>
        Until(worker, s => s.Conditions.Any(c => c.Type == "Ready" && c.Status == "True"), "the pod is ready");

    public string Log(PodWorker worker, string container)
    {
        var path = PodLogs.Find(PodLogs.DirectoryOf(Directory, worker.Pod.Metadata.NamespaceProperty, worker.Pod.Metadata.Name, worker.Pod.Metadata.Uid), container);
        return path is null ? "" : string.Join('\n', File.ReadAllLines(path).Select(l => l[(l.IndexOf(' ') + 1)..]));
    }

    public static V1Pod Deleted(V1Pod pod, int grace)
    {
        var copy = KubernetesJson.Deserialize<V1Pod>(KubernetesJson.Serialize(pod));
        copy.Metadata.DeletionTimestamp = DateTime.UtcNow;
        copy.Metadata.DeletionGracePeriodSeconds = grace;
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        await _shutdown.CancelAsync();
        await Task.WhenAll(_running);
        Network.Dispose();
        Cgroups.Clear(Cgroups.Find("mesh-test-" + Path.GetFileName(Directory)).Trees);
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private NodeServices Services() => new()
    {
        Node = "node-1",
        Network = Network,
        Images = new Images(Repository.Path("bin"), "/usr/share/dotnet"),
        Objects = new VolumeObjects
        {
            ConfigMap = (_, name, _) => Task.FromResult(ConfigMaps.GetValueOrDefault(name)),
            Secret = (_, _, _) => Task.FromResult<V1Secret?>(null),
            Token = (_, audience, _, _) => Task.FromResult("token for " + audience),
        },
        Api = new PodApi
        {
            WriteStatus = (pod, status, _) =>
            {
                Statuses[pod.Metadata.Uid] = KubernetesJson.Deserialize<V1PodStatus>(KubernetesJson.Serialize(status));
                return Task.FromResult(true);
            },
            Remove = (pod, _) =>
            {
                Removed.Add(pod.Metadata.Name);
                return Task.CompletedTask;
            },
            Tell = Events.Enqueue,
        },
        Directory = Directory,
        Hidden = [],
        Services = () => ServiceObjects,
        Limits = Cgroups.Find("mesh-test-" + Path.GetFileName(Directory)),
        Started = _ => { },
        Running = new RunningContainers($"{Directory}/running"),
        Time = TimeProvider.System,
        Random = Random.Shared,
        Log = NullLogger.Instance,
    };
}
