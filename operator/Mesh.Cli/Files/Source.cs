namespace Mesh.Cli.Files;

/// <summary>A text that -f names.</summary>
/// <param name="Name">The file, or <c>-</c> for standard input.</param>
/// <param name="Text">All of it.</param>
/// <param name="Problem">Why it could not be read; null: it could.</param>
internal sealed record Source(string Name, string Text, string? Problem = null);
