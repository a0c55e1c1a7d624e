using System.Globalization;

namespace Mesh.EndToEnd.Tests.Identity;

/// <summary>What came of a load.</summary>
internal sealed record LoadResult(int Requests, double PerSecond, IReadOnlyList<string> Failures, double P99Milliseconds, double WorstMilliseconds)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Requests} requests at {PerSecond:0}/s, {Failures.Count} failed, p99 {P99Milliseconds:0.0} ms, worst {WorstMilliseconds:0} ms{string.Concat(Failures.Take(20).Select(failure => "\n  " + failure))}");
}
