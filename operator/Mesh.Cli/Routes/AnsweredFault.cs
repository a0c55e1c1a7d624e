namespace Mesh.Cli.Routes;

/// <summary>Faults put in the way.</summary>
internal sealed record AnsweredFault(AnsweredDelay? Delay, AnsweredAbort? Abort);
