namespace Mesh.Api.Networking;

/// <summary>What the WorkloadEntries of a group have in common: as one of them, but each has an address of its own.</summary>
public sealed record WorkloadTemplate : WorkloadDescription;
