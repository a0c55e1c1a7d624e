namespace Mesh.Operator.Core.Injection;

/// <summary>Whether a pod gets a sidecar, and why.</summary>
/// <param name="Verdict">What is to be done.</param>
/// <param name="Reason">For the log, or for the user when refused: what and what to do.</param>
public sealed record InjectionDecision(InjectionVerdict Verdict, string Reason);
