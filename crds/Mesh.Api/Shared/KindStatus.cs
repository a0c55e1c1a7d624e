namespace Mesh.Api;

/// <summary>What became of an object of a kind that has nothing of its own to tell.</summary>
public sealed record KindStatus : RuleStatus;
