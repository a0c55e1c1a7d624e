namespace Mesh.Local.ApiServer.Selection;

/// <summary>A piece of a label selector: an operator or bracket, a word, or the end (no text).</summary>
internal sealed record LabelToken(bool IsWord, string Text)
{
    public static LabelToken End { get; } = new(false, "");

    public bool Is(string symbol) => !IsWord && Text == symbol;
}
