using System.Net;
using k8s;
using Mesh.Local.Controllers;
using Mesh.Local.Node.Dns;
using Mesh.Local.Node.Network;
using Mesh.Local.Node.Pods;
using Mesh.Operator.Runtime;

namespace Mesh.Local.Node;

/// <summary>
/// One node as a whole: its network with name server and service rules, its agent, its heartbeat. Switched off, its
/// containers die at once and nobody hears of it but by the lease that is not renewed; switched on, it begins again.
/// </summary>
internal sealed class MeshNode : IDisposable
{
    private readonly NodeSetup _setup;
    private readonly NodeView _view;
    private readonly KubernetesApi _api;
    private readonly NodeHeartbeat _heartbeat;
    private readonly PodEventWriter _events;
    private readonly ServiceProxy _proxy;
    private readonly NodeServices _services;
    private readonly List<IDisposable> _owned = [];
    private readonly SemaphoreSlim _switching = new(1, 1);
    private CancellationTokenSource? _power;
    private Task _run = Task.CompletedTask;

    private MeshNode(NodeIdentity identity, NodeNetwork network, NodeSetup setup, NodeView view, KubernetesApi api, IKubernetes kubernetes)
    {
        (Identity, Network, _setup, _view, _api) = (identity, network, setup, view, api);
        _heartbeat = new NodeHeartbeat(identity, network.Plan, api, setup.Time, setup.Log);
        _events = new PodEventWriter(api, identity.Name, setup.Time, setup.Log);
        _services = setup.Services(network, identity.Name, view, ApiPodWrites.Reads(api, kubernetes, setup.Time), ApiPodWrites.Writes(api, kubernetes, _events));
        _proxy = new ServiceProxy(network.Namespace, () => view.Services.All, () => view.EndpointSlices.All, setup.Time, setup.Log);
        _view.Services.Changed += (_, _) => _proxy.Changed();
        _view.EndpointSlices.Changed += (_, _) => _proxy.Changed();
    }

    public NodeIdentity Identity { get; }

    public NodeNetwork Network { get; }

    public bool IsOn => _power is { IsCancellationRequested: false };

    public NodeAgent? Agent { get; private set; }

    /// <summary>A node that stands beside its control plane and shares its view and connection.</summary>
    public static MeshNode Beside(ClusterView view, KubernetesApi api, IKubernetes kubernetes, NodeIdentity identity, NodeNetwork network, NodeSetup setup) =>
        new(identity, network, setup, NodeView.Of(view), api, kubernetes);

    /// <summary>A node that reaches the API server over its cable only.</summary>
    public static MeshNode Apart(string kubeconfig, NodeIdentity identity, NodeNetwork network, NodeSetup setup)
    {
        async ValueTask<Stream> DialAsync(EndPoint address, CancellationToken cancellation) => await network.Sockets.DialAsync(address, cancellation, Silence);
        var api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), setup.Time, "mesh-local", DialAsync)
        {
            RequestTimeout = Silence,
        };
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        configuration.FirstMessageHandlerSetup = handler => handler.ConnectCallback = (context, cancellation) => DialAsync(context.DnsEndPoint, cancellation);
        var kubernetes = new Kubernetes(configuration);
        var view = NodeView.Of(identity.Name, api, setup.Time, setup.Random, setup.Log);
        var node = new MeshNode(identity, network, setup, view, api, kubernetes);
        node._owned.Add(kubernetes);
        node._owned.Add(api);
        return node;
    }

    /// <summary>How long the API server may be silent before a connection is taken for cut.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>The node's own loops but its agent's: they go on while it is switched off, when there is nobody to serve.</summary>
    public IEnumerable<Func<CancellationToken, Task>> Loops()
    {
        yield return _proxy.RunAsync;
        yield return _events.RunAsync;
        if (_owned.Count > 0) yield return _view.RunAsync;
    }

    /// <summary>Makes the node known and begins to serve names.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _heartbeat.RegisterAsync(cancellation);
        var zone = new ClusterZone((ns, name) => _view.Services.Find(ns, name), (ns, name) => _view.EndpointSlices.All
            .Where(s => s.Metadata.NamespaceProperty == ns && s.Metadata.Labels?.TryGetValue(EndpointSlicePlan.ServiceLabel, out var of) == true && of == name));
        _owned.Insert(0, ClusterDns.Start(Network.Namespace, Network.Plan.Node, zone, HostResolver.FromMachine(_setup.Time), _setup.Log));
        SwitchOn();
    }

    /// <summary>Begins to run pods; those bound to it before begin again.</summary>
    public void SwitchOn()
    {
        if (IsOn) return;
        var power = new CancellationTokenSource();
        var agent = new NodeAgent(Identity.Name, _view.Pods, _services);
        (_power, Agent) = (power, agent);
        _run = Task.WhenAll(agent.RunAsync(power.Token), _heartbeat.RunAsync(power.Token));
    }

    /// <summary>Every process of every pod dies now, and the API is told nothing.</summary>
    public async Task SwitchOffAsync()
    {
        await _switching.WaitAsync();
        try
        {
            if (_power is not { } power) return;
            await power.CancelAsync();
            await _run;
            (_power, Agent) = (null, null);
            power.Dispose();
        }
        finally
        {
            _switching.Release();
        }
    }

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
        _switching.Dispose();
    }
}
