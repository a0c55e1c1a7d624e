namespace Mesh.Cli.Files;

/// <summary>A text that -f names.</summary>
/// <param name="Name">The file, or <c>-</c> for standard input.</param>
/// <param name="Text">All of it.</param>
internal sealed record Source(string Name, string Text);
