namespace Mesh.Config;

/// <summary>A substitution in the path.</summary>
/// <param name="Pattern">RE2 expression.</param>
/// <param name="Substitution">Text with <c>\1</c> to <c>\9</c> for captures, <c>\0</c> for the match.</param>
public sealed record RegexRewrite(string Pattern, string Substitution);
