namespace Mesh.Benchmarks.Apply;

/// <summary>All changes with one number of pods.</summary>
public sealed record ApplyResult(int Pods, int PeriodMilliseconds, IReadOnlyList<Change> Changes);
