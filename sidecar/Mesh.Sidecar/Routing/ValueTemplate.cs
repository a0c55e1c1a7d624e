using System.Collections.Immutable;
using System.Text;
using Mesh.Config;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Routing;

/// <summary>The value of a header to be written: text, with operators filled in for each request.</summary>
public sealed class ValueTemplate
{
    private readonly ImmutableArray<FormatPiece> pieces;
    private readonly string? constant;

    /// <summary>Compiles a valid text.</summary>
    public ValueTemplate(string text)
    {
        pieces = [.. FormatText.Parse(text).Select(piece => piece with { Literal = AsBytes(piece.Literal) })];
        if (pieces.All(piece => piece.Operator.Length == 0)) constant = string.Concat(pieces.Select(piece => piece.Literal));
    }

    /// <summary>The value for this request; what an operator does not find is empty.</summary>
    public string Fill(Exchange exchange)
    {
        if (constant is not null) return constant;
        var entry = AccessLogEntry.Of(exchange);
        var result = new StringBuilder();
        foreach (var piece in pieces) result.Append(piece.Operator.Length == 0 ? piece.Literal : FormatOperators.Value(piece, entry));
        return result.ToString();
    }

    // Both ends carry header values byte for byte, a byte as one character.
    private static string AsBytes(string text) => Ascii.IsValid(text) ? text : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
