namespace Mesh.Benchmarks.Scale;

/// <summary>All of one run.</summary>
public sealed record ScaleResult(ScaleSize Size, IReadOnlyList<ScalePhase> Phases);
