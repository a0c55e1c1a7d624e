namespace Mesh.Api.Networking;

/// <summary>What became of the WorkloadEntry.</summary>
public sealed record WorkloadEntryStatus : RuleStatus;
