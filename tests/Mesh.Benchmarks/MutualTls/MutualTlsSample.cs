using Mesh.Benchmarks.Hop;

namespace Mesh.Benchmarks.MutualTls;

/// <summary>One run of a load, with or without mutual TLS; processor time of the two sidecars, in microseconds a request.</summary>
public sealed record MutualTlsSample(string Load, bool IsMutual, LoadResult Result, double ClientMicroseconds, double ServerMicroseconds);
