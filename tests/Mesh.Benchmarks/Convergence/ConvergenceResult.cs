namespace Mesh.Benchmarks.Convergence;

/// <summary>Milliseconds of every round with one number of proxies.</summary>
/// <param name="Proxies">How many.</param>
/// <param name="Rules">From the write of a rule to the last proxy that obeys it.</param>
/// <param name="Programmed">From the same write until status says that all hold it.</param>
/// <param name="Endpoints">From an endpoint's removal to the last pool without it.</param>
/// <param name="PushP50">Operator's own histogram: from a plan to its acknowledgement, half of all proxies and rounds within.</param>
/// <param name="PushP99">The same for 99 of 100.</param>
public sealed record ConvergenceResult(
    int Proxies, IReadOnlyList<double> Rules, IReadOnlyList<double> Programmed, IReadOnlyList<double> Endpoints, double PushP50, double PushP99);
