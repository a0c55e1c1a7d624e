namespace Mesh.Cli.Routes;

/// <summary>What is sent on in place of what was asked; null: it stays.</summary>
internal sealed record AnsweredRewrite(string? Path, string? Authority);
