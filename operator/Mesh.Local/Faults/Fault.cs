using System.Globalization;

namespace Mesh.Local.Faults;

/// <summary>
/// Faults is what a user breaks on purpose: what enters are faults by name (from whom to whom, and what happens to packets
/// between them), pods to pause and nodes to lose; what leaves are rules inside the nodes' own network namespaces and
/// signals to the pods' own processes. Nothing of the machine outside the mesh is touched, and all of it ends with the mesh.
/// </summary>
public sealed record Fault
{
    /// <summary>Given by the mesh when empty: the kind and a number.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whose packets: pod/NAME, deploy/NAME, namespace/NAME, node/NAME, zone/NAME, a label selector, or "any".</summary>
    public required string From { get; init; }

    /// <summary>And to whom, in the same words.</summary>
    public required string To { get; init; }

    /// <summary>Namespace of the pods and deployments named.</summary>
    public required string Namespace { get; init; }

    /// <summary>The packets of the other direction too.</summary>
    public bool BothWays { get; init; }

    public bool Cut { get; init; }

    public double DelayMilliseconds { get; init; }

    /// <summary>The delay of each packet lies between less and more by this.</summary>
    public double JitterMilliseconds { get; init; }

    /// <summary>The share of packets that vanish, 0 to 100.</summary>
    public double LossPercent { get; init; }

    /// <summary>The rate that all packets of the fault share on a node, in bits a second; 0: as fast as it goes.</summary>
    public long BitsPerSecond { get; init; }

    public string Kind => Cut ? "cut" : DelayMilliseconds > 0 ? "delay" : LossPercent > 0 ? "loss" : "rate";

    /// <summary>What happens, in the words of the command line.</summary>
    public string Effect() => string.Join(", ", new[]
    {
        Cut ? "cut" : "",
        DelayMilliseconds > 0 ? string.Create(CultureInfo.InvariantCulture, $"delay {DelayMilliseconds:0.###}ms") : "",
        JitterMilliseconds > 0 ? string.Create(CultureInfo.InvariantCulture, $"jitter {JitterMilliseconds:0.###}ms") : "",
        LossPercent > 0 ? string.Create(CultureInfo.InvariantCulture, $"loss {LossPercent:0.###}%") : "",
        BitsPerSecond > 0 ? string.Create(CultureInfo.InvariantCulture, $"rate {BitsPerSecond / 1000.0:0.###}kbit") : "",
    }.Where(part => part.Length > 0));

    /// <summary>What is wrong with it, or null.</summary>
    internal string? Problem() =>
        DelayMilliseconds < 0 || DelayMilliseconds > MostDelay ? $"delay: between 0 and {MostDelay / 1000} s"
        : JitterMilliseconds > DelayMilliseconds ? "jitter: not more than the delay"
        : LossPercent is < 0 or > 100 ? "loss: between 0% and 100%"
        : BitsPerSecond is not 0 and < LeastRate ? $"rate: at least {LeastRate / 1000}kbit"
        : !Cut && DelayMilliseconds == 0 && LossPercent == 0 && BitsPerSecond == 0 ? "a fault delays, loses, slows or cuts: it says none of these"
        : null;

    private const double MostDelay = 60_000;
    private const long LeastRate = 8_000;
}
