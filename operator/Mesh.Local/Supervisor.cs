using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using k8s;
using Mesh.Local.ApiServer;
using Mesh.Local.Controllers;
using Mesh.Local.Faults;
using Mesh.Local.Node;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Linux;
using Mesh.Local.Node.Network;
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
    private const int ApiPort = 6443;

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private readonly MeshOptions _options;
    private readonly ILogger _log;
    private readonly ProcessLedger _ledger;
    private readonly FileStream _lock;
    private readonly List<IDisposable> _owned = [];

    private Fabric? _fabric;
    private EmbeddedApiServer? _server;
    private KeptMesh? _kept;
    private MeshNodes? _nodes;
    private OperatorProcess? _operator;
    private FaultDoor? _faults;
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

    /// <summary>Starts API, node, controllers and (unless bare) operator; returns when they serve, before any workload is applied.</summary>
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
        // What was kept is not made again: the user may have changed it, or taken it away.
        var manifests = _options is { Manifests.IsEmpty: true, Sample: true, Bare: false } && _kept is not { Applied: true } ? Manifests.Read([Paths.Bookinfo]) : Manifests.Read(_options.Manifests);
        var wait = new ReadinessWait(_fabric!, _view!, _api!, _nodes!, _options, say);
        if (_operator is not null && !await wait.OperatorAsync(cancellation)) return Told(["the operator is not ready; its log: " + Paths.OperatorLog]);
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

        Keep(applied: true);
        if (manifests.Length > 0) say($"applied {applied.Count} of {manifests.Length} objects");
        IReadOnlyList<string> problems = [.. refused, .. await wait.PodsAsync(applied, cancellation)];
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
        if (_faults is not null) await _faults.DisposeAsync();
        if (_nodes is not null) await _nodes.EndAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var owned in Enumerable.Reverse(_owned)) owned.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _fabric?.Dispose();
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
        ReadKept(plan, say);
        _fabric = await Fabric.CreateAsync(plan, _options.Nodes, cancellation);
        await StartServerAsync(plan, cancellation);
        StartView();
        Record = new MeshRecord
        {
            Name = Paths.Name,
            Pid = Environment.ProcessId,
            Began = ProcessLedger.StartOf(Environment.ProcessId),
            NodeAddress = _fabric.Address.ToString(),
            PodSubnet = plan.Pods.ToString(),
            ServiceSubnet = plan.Services.ToString(),
            Server = $"https://{_server!.EndPoints[0]}",
            NodeNetwork = _fabric.Control.Path,
            Bare = _options.Bare,
            Nodes = _nodes!.Records(),
        };
        Record.Write(Paths.Record);
        Keep(applied: _kept is { Applied: true });
        say($"API server at {Record.Server}, {(_options.Nodes == 1 ? "node" : $"{_options.Nodes} nodes, control plane")} {_fabric.Address} (pods {plan.Pods}, services {plan.Services})");
        if (!_options.Bare)
        {
            await FurnishAsync(cancellation);
            _operator = new OperatorProcess(Paths, _fabric.Control, _fabric.Address, _ledger, _options.Time, _options.Random, _log);
        }

        await StartNodesAsync(cancellation);
        if (_operator is not null) Run(_operator.RunAsync);
    }

    private void Keep(bool applied)
    {
        if (!_options.Keep) return;
        new KeptMesh
        {
            PodSubnet = Record!.PodSubnet,
            ServiceSubnet = Record.ServiceSubnet,
            Port = _server!.EndPoints[0].Port,
            Nodes = _options.Nodes,
            Zones = _options.Zones,
            Bare = _options.Bare,
            Applied = applied,
        }.Write(Paths);
    }

    private void ReadKept(AddressPlan plan, Action<string> say)
    {
        _kept = KeptMesh.Read(Paths);
        if (_kept is null) return;
        if (_options.Keep)
        {
            _kept.MustFit(plan, _options);
            say("going on with the objects kept by an earlier run");
            return;
        }

        _kept = null;
        say("starting empty; the objects kept by an earlier run stay aside (mesh up --keep goes on with them, mesh down --forget removes them)");
    }

    private async Task StartServerAsync(AddressPlan plan, CancellationToken cancellation)
    {
        using var inNode = _fabric!.Sockets.Create(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        inNode.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        inNode.Bind(new IPEndPoint(_fabric.Address, ApiPort));
        _server = await EmbeddedApiServer.StartAsync(new ApiServerOptions
        {
            Advertise = new IPEndPoint(_fabric.Address, ApiPort),
            Listen = [KeptMesh.Listen(_kept)],
            // The server closes what it is given, so it gets a descriptor of its own.
            ListenHandles = [Libc.Check(Libc.Dup((int)inNode.Handle), "duplicate a socket")],
            StateDirectory = Path.Combine(Paths.State, "apiserver"),
            KeepObjectsAt = _options.Keep ? KeptMesh.Journal(Paths) : null,
            SubjectNames = [_fabric.Address.ToString(), plan.Services.At(1).ToString()],
            Dial = _fabric.Sockets.DialAsync,
            Pods = new NodeStreams((ns, pod) => _nodes?.Find(ns, pod), Paths.Node, _options.Time).Streams,
            ServiceAddresses = plan.Services.ToString(),
            Time = _options.Time,
        }, cancellation);
        _server.WriteKubeconfig(Paths.Kubeconfig, new Uri($"https://{_server.EndPoints[0]}"), ApiUser.Admin, Paths.Name);
        _server.WriteKubeconfig(Paths.OperatorKubeconfig, new Uri($"https://{_fabric.Address}:{ApiPort}"), OperatorProcess.Account, Paths.Name);
        if (_fabric.IsRouted) _server.WriteKubeconfig(Paths.NodeKubeconfig, new Uri($"https://{_fabric.Address}:{ApiPort}"), ApiUser.Admin, Paths.Name);
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

    /// <summary>What must be there before the first pod: the definitions, the mesh's namespaces and settings, the node, the operator's rights.</summary>
    private async Task FurnishAsync(CancellationToken cancellation)
    {
        var applier = new ManifestApplier(_kubernetes!.HttpClient, _kubernetes.BaseUri);
        foreach (var manifest in Manifests.Read([Paths.Crds]).Where(m => m.Kind == "CustomResourceDefinition").Concat(Furniture.Build()).Concat(Manifests.Read(Paths.Rights)))
            await applier.ApplyAsync(manifest, cancellation);
    }

    private void StartView()
    {
        _view = new ClusterView(_api!, _options.Time, _options.Random, _log);
        _nodes = MeshNodes.Create(_fabric!, _options.Zones, Paths.NodeKubeconfig, _view, _api!, _kubernetes!, new NodeSetup
        {
            Images = new Images(Paths.Programs, Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."))) { Tags = _options.Images },
            Directory = Paths.Node,
            Hidden = ["/root", Paths.AllState],
            Limits = Limits(),
            Started = _ledger.Add,
            Time = _options.Time,
            Random = _options.Random,
            Log = _log,
        });
        _owned.Add(_nodes);
    }

    private Cgroups Limits()
    {
        MeshEnd.ClearCgroups(Paths);
        var limits = Cgroups.Find(Paths.CgroupName);
        File.WriteAllLines(Paths.Cgroups, limits.Trees);
        return limits;
    }

    private async Task StartNodesAsync(CancellationToken cancellation)
    {
        var control = new ControlPlane(_view!, _api!, _kubernetes!, new ControlPlaneOptions(), _options.Time, _options.Random, _log);
        _owned.Add(control);
        if (_fabric!.IsRouted)
        {
            var proxy = new ServiceProxy(_fabric.Control, () => _view!.Services.All, () => _view!.EndpointSlices.All, _options.Time, _log);
            _view!.Services.Changed += (_, _) => proxy.Changed();
            _view.EndpointSlices.Changed += (_, _) => proxy.Changed();
            Run(proxy.RunAsync);
        }

        await _nodes!.StartAsync(cancellation);
        Run(_view!.RunAsync);
        foreach (var loop in _nodes.All.SelectMany(node => node.Loops())) Run(loop);
        Run(control.RunAsync);
        var faults = new FaultInjector(_nodes, _view, _options.Time, _options.Random, _log);
        _owned.Add(faults);
        Run(faults.RunAsync);
        _faults = await FaultDoor.OpenAsync(Paths.FaultSocket, faults, new PodPauses(_nodes), _nodes, _operator, cancellation);
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


    /// <summary>The sample's page on this machine's loopback, when its service is there.</summary>
    private string? Page()
    {
        if (_view!.Services.Find("default", "productpage")?.Spec is not { ClusterIP: { } ip, Ports: { Count: > 0 } ports }) return null;
        var forward = PortForward.Open(9080, _fabric!.Sockets, new IPEndPoint(IPAddress.Parse(ip), ports[0].Port), _log);
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
