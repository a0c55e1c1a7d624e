using Mesh.Testing;

namespace Mesh.Benchmarks.Soak;

/// <summary>One fault and what came of the load under it.</summary>
/// <param name="Fault">What was broken.</param>
/// <param name="Rule">What the mesh was told to do about it.</param>
/// <param name="Result">As the client saw it: nothing is tried again there.</param>
/// <param name="Flags">As the client's sidecar saw it: how often each response flag came.</param>
/// <param name="Expected">What it is judged by.</param>
/// <param name="Held">Whether that held.</param>
/// <param name="Remark">What else was counted.</param>
public sealed record SoakLine(
    string Fault, string Rule, HttpLoadResult Result, IReadOnlyDictionary<string, long> Flags, string Expected, bool Held, string Remark = "");
