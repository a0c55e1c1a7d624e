namespace Mesh.Benchmarks.Hop;

/// <summary>What one run of load saw.</summary>
public sealed record LoadResult(long Requests, long Failed, double PerSecond, double P50Milliseconds, double P99Milliseconds);
