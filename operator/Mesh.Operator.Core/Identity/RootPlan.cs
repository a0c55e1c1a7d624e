using System.Collections.Immutable;

namespace Mesh.Operator.Core.Identity;

/// <summary>What is to be done about the roots now, and why.</summary>
/// <param name="Step">The next step; each is one write of the Secret.</param>
/// <param name="Why">For the log and the Event.</param>
/// <param name="Laggards">Proxies that hold the step up, or that it goes over.</param>
public sealed record RootPlan(RootStep Step, string Why, ImmutableArray<string> Laggards)
{
    /// <summary>Done though some proxies do not trust the new root yet.</summary>
    public bool IsForced => Step == RootStep.MoveSigning && Laggards.Length > 0;
}
