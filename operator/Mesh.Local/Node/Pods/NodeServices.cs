using Mesh.Local.Node.Containers;
using Mesh.Local.Node.Network;
using Mesh.Local.Node.Volumes;
using Microsoft.Extensions.Logging;

namespace Mesh.Local.Node.Pods;

/// <summary>What every pod of the node shares.</summary>
internal sealed record NodeServices
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    public required NodeNetwork Network { get; init; }

    public required Images Images { get; init; }

    public required VolumeObjects Objects { get; init; }

    public required PodApi Api { get; init; }

    /// <summary>Directory for pods' volumes, scratch directories and logs.</summary>
    public required string Directory { get; init; }

    /// <summary>Directories of the machine that no container may see.</summary>
    public required System.Collections.Immutable.ImmutableArray<string> Hidden { get; init; }

    /// <summary>The services known now, for containers' variables.</summary>
    public required Func<IEnumerable<k8s.Models.V1Service>> Services { get; init; }

    /// <summary>Where limits of memory and CPU are enforced.</summary>
    public required Cgroups Limits { get; init; }

    /// <summary>Told the process id of each container that starts.</summary>
    public required Action<int> Started { get; init; }

    public required RunningContainers Running { get; init; }

    public required TimeProvider Time { get; init; }

    public required Random Random { get; init; }

    public required ILogger Log { get; init; }
}
