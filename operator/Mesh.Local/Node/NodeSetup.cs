using System.Collections.Immutable;
using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Network;
using Mesh.Local.Node.Pods;
using Mesh.Local.Node.Volumes;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node;

/// <summary>What all nodes of a mesh have in common.</summary>
internal sealed record NodeSetup
{
    public required Images Images { get; init; }

    /// <summary>Directory for pods' volumes, scratch directories and logs.</summary>
    public required string Directory { get; init; }

    public required ImmutableArray<string> Hidden { get; init; }

    public required Cgroups Limits { get; init; }

    /// <summary>Told the process id of each container that starts.</summary>
    public required Action<int> Started { get; init; }

    public required TimeProvider Time { get; init; }

    public required Random Random { get; init; }

    public required ILogger Log { get; init; }

    public NodeServices Services(NodeNetwork network, string node, NodeView view, VolumeObjects objects, PodApi api) => new()
    {
        Node = node,
        Network = network,
        Images = Images,
        Objects = objects,
        Api = api,
        Directory = Directory,
        Hidden = Hidden,
        Services = () => view.Services.All,
        Limits = Limits,
        Started = Started,
        Running = new RunningContainers(Path.Combine(Directory, "running")),
        Time = Time,
        Random = Random,
        Log = Log,
    };
}
