namespace Mesh.Benchmarks.Api;

/// <summary>What one load of writes came to.</summary>
public sealed record WriteResult(int Count, TimeSpan Took, double P50, double P99)
{
    public double PerSecond => Count / Took.TotalSeconds;
}
