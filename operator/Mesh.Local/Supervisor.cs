using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using k8s;
using k8s.Models;
using Mesh.Local.ApiServer;
using Mesh.Local.Controllers;
using Mesh.Local.Node;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Dns;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Network;
using Mesh.Local.Node.Pods;
using Mesh.Local.Node.Sessions;
using Mesh.Operator.Runtime;
using Microsoft.Extensions.Logging;

namespace Mesh.Local;

/// <summary>
/// One mesh on this machine, from its start to its end: the embedded API, one node with its agent, the controllers, and the
/// operator as a child. What enters are options and manifests; what leaves are processes in namespaces that this process
/// alone holds and files under the mesh's state directory. When it ends, by whatever cause, the kernel takes the rest.
/// </summary>
public sealed class Supervisor : IAsyncDisposable
{
    private const string NodeName = "node-1";
    private const int ApiPort = 6443;

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private readonly MeshOptions _options;
    private readonly ILogger _log;
    private readonly ProcessLedger _ledger;
    private readonly FileStream _lock;
    private readonly List<IDisposable> _owned = [];

    private NodeNetwork? _network;
    private EmbeddedApiServer? _server;
    private NodeAgent? _agent;
    private Task? _agentRun;
    private ClusterView? _view;
    private KubernetesApi? _api;
    private Kubernetes? _kubernetes;

    private Supervisor(MeshOptions options, FileStream locked, ILogger log)
    {
        (_options, _lock, _log) = (options, locked, log);
        _ledger = new ProcessLedger(Path.Combine(options.Paths.State, "processes"));
    }

    public MeshRecord? Record { get; private set; }

    private MeshPaths Paths => _options.Paths;

    /// <summary>Starts API, node, controllers and operator; returns when they serve, before any workload is applied.</summary>
    /// <exception cref="IOException">The mesh runs already, or the machine does not allow it.</exception>
    public static async Task<Supervisor> StartAsync(MeshOptions options, Action<string> say, ILogger log, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess) throw new IOException("a mesh on this machine needs root: network namespaces, mounts and iptables");
        MakePrivate(options.Paths.State);
        var supervisor = new Supervisor(options, TakeLock(options.Paths), log);
        try
        {
            await supervisor.BeginAsync(say, cancellation);
            return supervisor;
        }
        catch
        {
            await supervisor.DisposeAsync();
            throw;
        }
    }

    /// <summary>Applies the manifests and waits until everything is ready; returns what is not.</summary>
    public async Task<IReadOnlyList<string>> PopulateAsync(Action<string> say, CancellationToken cancellation)
    {
        var manifests = _options.Manifests.IsEmpty && _options.Sample ? Manifests.Read([Paths.Bookinfo]) : Manifests.Read(_options.Manifests);
        if (!await OperatorReadyAsync(say, cancellation)) return Told(["the operator is not ready; its log: " + Paths.OperatorLog]);
        var applier = new ManifestApplier(_kubernetes!.HttpClient, _kubernetes.BaseUri);
        var refused = new List<string>();
        var applied = new List<Manifest>();
        foreach (var manifest in manifests)
        {
            try
            {
                await applier.ApplyAsync(manifest, cancellation);
                applied.Add(manifest);
            }
            catch (ManifestException e)
            {
                refused.Add(e.Message);
            }
        }

        if (manifests.Length > 0) say($"applied {applied.Count} of {manifests.Length} objects");
        IReadOnlyList<string> problems = [.. refused, .. await AllReadyAsync(applied, say, cancellation)];
        return Told(problems);
    }

    private IReadOnlyList<string> Told(IReadOnlyList<string> problems)
    {
        Record = Record! with { Ready = true, Problems = problems, Page = Page() };
        Record.Write(Paths.Record);
        return problems;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_agentRun is not null) await _agentRun;
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var owned in Enumerable.Reverse(_owned)) owned.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _network?.Dispose();
        MeshEnd.Clear(Paths);
        await _lock.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task BeginAsync(Action<string> say, CancellationToken cancellation)
    {
        var left = _ledger.Sweep();
        if (left > 0) say($"ended {left} processes that an earlier run left");
        if (Directory.Exists(Paths.Node)) Directory.Delete(Paths.Node, recursive: true);
        Directory.CreateDirectory(Paths.Node);
        var plan = AddressPlan.Choose(Paths.Name, AddressPlan.ReadRoutes(File.ReadLines("/proc/net/route")));
        _network = await NodeNetwork.CreateAsync(plan, cancellation);
        await StartServerAsync(plan, cancellation);
        Record = new MeshRecord
        {
            Name = Paths.Name,
            Pid = Environment.ProcessId,
            NodeAddress = plan.Node.ToString(),
            PodSubnet = plan.Pods.ToString(),
            ServiceSubnet = plan.Services.ToString(),
            Server = $"https://{_server!.EndPoints[0]}",
            NodeNetwork = _network.Namespace.Path,
        };
        Record.Write(Paths.Record);
        say($"API server at {Record.Server}, node {plan.Node} (pods {plan.Pods}, services {plan.Services})");
        await FurnishAsync(cancellation);
        StartNode(plan);
        Run(new OperatorProcess(Paths, _network.Namespace, plan.Node, _ledger, _options.Time, _options.Random, _log).RunAsync);
    }

    private async Task StartServerAsync(AddressPlan plan, CancellationToken cancellation)
    {
        using var inNode = _network!.Sockets.Create(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        inNode.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        inNode.Bind(new IPEndPoint(plan.Node, ApiPort));
        _server = await EmbeddedApiServer.StartAsync(new ApiServerOptions
        {
            Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
            // The server closes what it is given, so it gets a descriptor of its own.
            ListenHandles = [Libc.Check(Libc.Dup((int)inNode.Handle), "duplicate a socket")],
            StateDirectory = Path.Combine(Paths.State, "apiserver"),
            SubjectNames = [plan.Node.ToString(), plan.Services.At(1).ToString()],
            Dial = _network.Sockets.DialAsync,
            Pods = new NodeStreams((ns, pod) => _agent?.Find(ns, pod), Paths.Node, _options.Time).Streams,
            ServiceAddresses = plan.Services.ToString(),
            Time = _options.Time,
        }, cancellation);
        _server.WriteKubeconfig(Paths.Kubeconfig, new Uri($"https://{_server.EndPoints[0]}"), ApiUser.Admin, Paths.Name);
        _server.WriteKubeconfig(Paths.NodeKubeconfig, new Uri($"https://{plan.Node}:{ApiPort}"), ApiUser.Admin, Paths.Name);
        if (Paths.ShortKubeconfig is { } shortPath)
        {
            File.Delete(shortPath);
            File.CreateSymbolicLink(shortPath, Path.GetRelativePath(Paths.AllState, Paths.Kubeconfig));
        }

        _kubernetes = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Paths.Kubeconfig));
        _api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(Paths.Kubeconfig), _options.Time, "mesh-local");
        _owned.Add(_kubernetes);
        _owned.Add(_api);
    }

    /// <summary>What must be there before the first pod: the definitions, the mesh's namespaces and settings, the node.</summary>
    private async Task FurnishAsync(CancellationToken cancellation)
    {
        var applier = new ManifestApplier(_kubernetes!.HttpClient, _kubernetes.BaseUri);
        foreach (var manifest in Manifests.Read([Paths.Crds]).Where(m => m.Kind == "CustomResourceDefinition").Concat(Furniture.Build(NodeName, _network!.Plan, ApiPort)))
            await applier.ApplyAsync(manifest, cancellation);
        await _api!.PatchAsync<V1Node>(new EntityKey("", NodeName), Furniture.NodeStatus(_network.Plan, _options.Time.GetUtcNow().UtcDateTime), "status", cancellation);
    }

    private void StartNode(AddressPlan plan)
    {
        _view = new ClusterView(_api!, _options.Time, _options.Random, _log);
        var events = new PodEventWriter(_api!, NodeName, _options.Time, _log);
        var services = new NodeServices
        {
            Network = _network!,
            Images = new Images(Paths.Programs, Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."))),
            Objects = ApiPodWrites.Reads(_api!, _kubernetes!, _options.Time),
            Api = ApiPodWrites.Writes(_api!, _kubernetes!, events),
            Directory = Paths.Node,
            Hidden = ["/root", Paths.AllState],
            ResolvConf = ns => $"search {ns}.svc.cluster.local svc.cluster.local cluster.local\nnameserver {plan.Node}\noptions ndots:5\n",
            Started = _ledger.Add,
            Running = new RunningContainers(Path.Combine(Paths.Node, "running")),
            Time = _options.Time,
            Random = _options.Random,
            Log = _log,
        };
        _agent = new NodeAgent(NodeName, _view, services);
        var control = new ControlPlane(_view, _api!, _kubernetes!, (pod, warning, reason, message) => events.Tell(new PodEvent(pod, null, warning, reason, message), "default-scheduler"), _options.Time, _options.Random, _log);
        _owned.Add(control);
        var proxy = new ServiceProxy(_network!, () => _view.Services.All, () => _view.EndpointSlices.All, _options.Time, _log);
        _view.Services.Changed += (_, _) => proxy.Changed();
        _view.EndpointSlices.Changed += (_, _) => proxy.Changed();
        var zone = new ClusterZone((ns, name) => _view.Services.Find(ns, name), (ns, name) => _view.EndpointSlices.All
            .Where(s => s.Metadata.NamespaceProperty == ns && s.Metadata.Labels?.TryGetValue(EndpointSlicePlan.ServiceLabel, out var of) == true && of == name));
        _owned.Add(ClusterDns.Start(_network!.Namespace, plan.Node, zone, HostResolver.FromMachine(_options.Time), _log));
        _agentRun = _agent.RunAsync(_stopping.Token);
        Run(_view.RunAsync);
        Run(control.RunAsync);
        Run(proxy.RunAsync);
        Run(events.RunAsync);
    }

    private void Run(Func<CancellationToken, Task> loop) => _running.Add(Task.Run(async () =>
    {
        try
        {
            await loop(_stopping.Token);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            // A loop that ends is our own mistake; it must not end in silence.
            _log.LogCritical(e, "A part of the mesh has stopped: {Part}", loop.Method.DeclaringType?.Name);
        }
    }));

    /// <summary>Pods made before the injection webhook answers would have no sidecar; so everything waits for it.</summary>
    private async Task<bool> OperatorReadyAsync(Action<string> say, CancellationToken cancellation)
    {
        say("waiting for the operator ...");
        var until = _options.Time.GetUtcNow() + _options.Patience;
        while (_options.Time.GetUtcNow() < until)
        {
            var hooks = await _api!.ListAsync<V1MutatingWebhookConfiguration>(cancellationToken: cancellation);
            if (hooks.Any(h => h.Webhooks?.All(w => w.ClientConfig.CaBundle is { Length: > 0 }) == true) && await AnswersAsync(cancellation)) return true;
            await Task.Delay(TimeSpan.FromMilliseconds(100), _options.Time, cancellation);
        }

        return false;
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            using var socket = await _network!.Sockets.ConnectAsync(new IPEndPoint(_network.Plan.Node, OperatorProcess.WebhookPort), cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<string>> AllReadyAsync(IReadOnlyList<Manifest> applied, Action<string> say, CancellationToken cancellation)
    {
        var until = _options.Time.GetUtcNow() + _options.Patience;
        var stuck = 0;
        var said = "";
        while (true)
        {
            var report = Readiness.Look(_view!, applied);
            if (report.Waiting.IsEmpty) return [];
            var line = $"{report.Ready} of {report.All} pods ready";
            if (line != said) say(said = line);
            // A few seconds in a row, since a pod can look stuck between two tries.
            stuck = report.IsStuck ? stuck + 1 : 0;
            if (stuck > 50 || _options.Time.GetUtcNow() > until) return report.Waiting;
            await Task.Delay(TimeSpan.FromMilliseconds(100), _options.Time, cancellation);
        }
    }

    /// <summary>The sample's page on this machine's loopback, when its service is there.</summary>
    private string? Page()
    {
        if (_view!.Services.Find("default", "productpage")?.Spec is not { ClusterIP: { } ip, Ports: { Count: > 0 } ports }) return null;
        var forward = PortForward.Open(9080, _network!.Sockets, new IPEndPoint(IPAddress.Parse(ip), ports[0].Port), _log);
        Run(forward.RunAsync);
        return $"http://{forward.Address}/productpage";
    }

    private static void MakePrivate(string directory)
    {
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static FileStream TakeLock(MeshPaths paths) => MeshLock.TryTake(paths)
        ?? throw new IOException($"a mesh named {paths.Name} runs already (mesh down{(paths.Name == MeshPaths.DefaultName ? "" : $" --name {paths.Name}")} ends it)");
}
