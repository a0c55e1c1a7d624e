namespace Mesh.Local.Faults;

/// <summary>What became of a command: what happened, or why not.</summary>
public sealed record FaultAnswer(bool Ok, string Message);
