using System.Collections.Immutable;

namespace Mesh.Local.Node.Volumes;

/// <summary>Where a pod runs: what its spec cannot say.</summary>
internal sealed record PodPlacement(ImmutableArray<string> PodIPs, string HostIP);
