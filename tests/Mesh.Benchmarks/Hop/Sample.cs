namespace Mesh.Benchmarks.Hop;

/// <summary>One run of one target, with what its proxy used for a request.</summary>
public sealed record Sample(string Target, string Load, LoadResult Result, double CpuMicrosecondsPerRequest);
