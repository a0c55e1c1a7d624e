using System.Collections.Immutable;
using k8s;
using Mesh.Local.Controllers;
using Mesh.Local.Node;
using Mesh.Local.Node.Network;
using Mesh.Local.Node.Pods;
using Mesh.Operator.Runtime;

namespace Mesh.Local;

/// <summary>The nodes of one mesh: made with the fabric, switched off and on, cut off and joined, ended together.</summary>
internal sealed class MeshNodes : IDisposable
{
    private readonly Fabric _fabric;
    private readonly HashSet<string> _cut = [];
    private readonly SemaphoreSlim _switching = new(1, 1);

    private MeshNodes(Fabric fabric, ImmutableArray<MeshNode> all) => (_fabric, All) = (fabric, all);

    public ImmutableArray<MeshNode> All { get; }

    /// <summary>A single node shares the control plane's connection; several have each their own, through their cable.</summary>
    public static MeshNodes Create(
        Fabric fabric, int zones, string kubeconfig, ClusterView view, KubernetesApi api, IKubernetes kubernetes, NodeSetup setup) =>
        new(fabric, [.. fabric.Nodes.Select((network, index) => fabric.IsRouted
            ? MeshNode.Apart(kubeconfig, NodeIdentity.Of(index, zones), network, setup)
            : MeshNode.Beside(view, api, kubernetes, NodeIdentity.Of(index, zones), network, setup))]);

    public Task StartAsync(CancellationToken cancellation) => Task.WhenAll(All.Select(node => node.StartAsync(cancellation)));

    /// <summary>The worker of a pod, on whichever node it runs.</summary>
    public PodWorker? Find(string ns, string pod) => All.Select(node => node.Agent?.Find(ns, pod)).FirstOrDefault(worker => worker is not null);

    public ImmutableArray<NodeRecord> Records() =>
        [.. All.Select(n => new NodeRecord(n.Identity.Name, n.Identity.Zone, n.Network.Plan.Node.ToString(), n.Network.Plan.Pods.ToString(), n.Network.Namespace.Path))];

    /// <summary>"ready", "off" or "cut" of each node.</summary>
    public string StateOf(MeshNode node) => !node.IsOn ? "off" : _cut.Contains(node.Identity.Name) ? "cut" : "on";

    /// <summary>A node without power: containers dead, cable without a signal.</summary>
    public async Task SwitchOffAsync(string name, CancellationToken cancellation)
    {
        var index = Of(name);
        await _switching.WaitAsync(cancellation);
        try
        {
            await _fabric.SetLinkAsync(index, false, cancellation);
            await All[index].SwitchOffAsync();
        }
        finally
        {
            _switching.Release();
        }
    }

    public async Task SwitchOnAsync(string name, CancellationToken cancellation)
    {
        var index = Of(name);
        await _switching.WaitAsync(cancellation);
        try
        {
            if (!_cut.Contains(name)) await _fabric.SetLinkAsync(index, true, cancellation);
            All[index].SwitchOn();
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <summary>Pulls the node's cable: its pods run on, and reach and are reached by those of the same node alone.</summary>
    public async Task SetCableAsync(string name, bool plugged, CancellationToken cancellation)
    {
        var index = Of(name);
        await _switching.WaitAsync(cancellation);
        try
        {
            if (plugged) _cut.Remove(name);
            else _cut.Add(name);
            if (All[index].IsOn) await _fabric.SetLinkAsync(index, plugged, cancellation);
        }
        finally
        {
            _switching.Release();
        }
    }

    public async Task EndAsync() => await Task.WhenAll(All.Select(node => node.SwitchOffAsync()));

    public void Dispose()
    {
        foreach (var node in All) node.Dispose();
        _switching.Dispose();
    }

    private int Of(string name)
    {
        var index = All.Select(n => n.Identity.Name).ToList().IndexOf(name);
        if (index < 0) throw new KeyNotFoundException($"there is no node {name}; nodes: {string.Join(", ", All.Select(n => n.Identity.Name))}");
        return _fabric.IsRouted ? index : throw new KeyNotFoundException($"{name} is the mesh's only node and carries its control plane: start the mesh with --nodes 2 or more to lose one");
    }
}
