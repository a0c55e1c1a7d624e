using System.Collections.Immutable;

namespace Mesh.Local.Node.Containers;

/// <summary>As whom a container's processes run, and what they may do beyond that.</summary>
internal sealed record ContainerIdentity(uint User, uint Group, ImmutableArray<uint> SupplementalGroups, ImmutableArray<string> Capabilities);
