namespace Mesh.Benchmarks.Hop;

/// <summary>All runs, and each proxy's memory before and after them.</summary>
public sealed record HopResult(IReadOnlyList<string> Targets, IReadOnlyList<Sample> Samples, IReadOnlyDictionary<string, (long Idle, long AfterLoad)> Memory);
