namespace Mesh.Local;

/// <summary>One node of a running mesh, for the commands.</summary>
public sealed record NodeRecord(string Name, string Zone, string Address, string PodSubnet, string Network);
