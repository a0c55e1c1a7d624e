namespace Mesh.Config;

/// <summary>One piece of a text with Envoy's operators: either literal text or an operator.</summary>
/// <param name="Literal">The text as it is written; empty for an operator.</param>
/// <param name="Operator">Name of the operator (<c>REQ</c>); empty for literal text.</param>
/// <param name="Argument">What stands in its parentheses; empty without.</param>
/// <param name="MaxLength">The most characters of its value (<c>%REQ(x):10%</c>); <c>null</c>: all.</param>
public sealed record FormatPiece(string Literal, string Operator = "", string Argument = "", int? MaxLength = null);
