using System.Net;
using k8s.Models;
using Mesh.Local.Node.Network;
using Mesh.Local.Node.Volumes;

namespace Mesh.Local.Node.Pods;

/// <summary>What the containers of one pod share while it runs.</summary>
internal sealed class PodContext : IDisposable
{
    private volatile V1Pod _pod;

    public PodContext(V1Pod pod, NodeServices services, PodNetwork network)
    {
        _pod = pod;
        Services = services;
        Network = network;
        Placement = new PodPlacement(NodeNetwork.HasIPv6 ? [network.Address.IPv4.ToString(), network.Address.IPv6.ToString()] : [network.Address.IPv4.ToString()], services.Network.Plan.Node.ToString());
        Directory = Path.Combine(services.Directory, "pods", pod.Metadata.Uid);
        Volumes = new PodVolumes(Path.Combine(Directory, "volumes"), new VolumeContents(services.Objects, Placement), services.Time, services.Random);
        Probes = new ProbeTargets(services.Network.Sockets, IP);
    }

    /// <summary>The object as last seen; labels and annotations may change while the pod runs.</summary>
    public V1Pod Pod
    {
        get => _pod;
        set => _pod = value;
    }

    public NodeServices Services { get; }

    public PodNetwork Network { get; }

    public PodPlacement Placement { get; }

    public PodVolumes Volumes { get; }

    public ProbeTargets Probes { get; }

    /// <summary>Everything of the pod on disk but its logs.</summary>
    public string Directory { get; }

    public IPAddress IP => Network.Address.IPv4;

    public void Tell(V1Container? container, bool warning, string reason, string message) =>
        Services.Api.Tell(new PodEvent(Pod, container, warning, reason, message));

    public void Dispose()
    {
        Probes.Dispose();
        Volumes.Dispose();
        Network.Dispose();
        Services.Running.RemovePod(Pod.Metadata.NamespaceProperty, Pod.Metadata.Name);
        if (System.IO.Directory.Exists(Directory)) System.IO.Directory.Delete(Directory, recursive: true);
    }
}
