using System.Globalization;

namespace Mesh.Testing;

/// <summary>What came of a load.</summary>
/// <param name="Requests">How many were sent.</param>
/// <param name="PerSecond">How many in a second.</param>
/// <param name="Failures">What failed, in order.</param>
/// <param name="P99Milliseconds">Time within which 99 of a hundred were answered.</param>
/// <param name="WorstMilliseconds">Time of the slowest.</param>
/// <param name="Outcomes">How often each status came; <c>cut</c> for a connection that ended, <c>no answer</c> after 15 s.</param>
/// <param name="Pods">How often each pod of the sample answered; <c>-</c> where an answer names none.</param>
public sealed record HttpLoadResult(
    int Requests, double PerSecond, IReadOnlyList<string> Failures, double P99Milliseconds, double WorstMilliseconds,
    IReadOnlyDictionary<string, int> Outcomes, IReadOnlyDictionary<string, int> Pods)
{
    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Requests} requests at {PerSecond:0}/s, {Failures.Count} failed, p99 {P99Milliseconds:0.0} ms, worst {WorstMilliseconds:0} ms{string.Concat(Failures.Take(20).Select(failure => "\n  " + failure))}");
}
