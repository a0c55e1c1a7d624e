namespace Mesh.Local.Tests.ApiServer.Replay;

/// <summary>One place where an answer is not as recorded.</summary>
internal sealed record Difference(int Index, string Step, string Field, string Text)
{
    public override string ToString() => string.Concat($"[{Index}] {Step} | {Field}: {Text}".Select(one => char.IsControl(one) ? ' ' : one));
}
