namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>
/// A parsed expression of the Common Expression Language, as CustomResourceDefinitions and admission policies write
/// their rules in. What enters this folder is the text of a rule and the values it is about; what leaves is a value or a <see cref="CelError"/>. Types
/// are found out while evaluating (only that a field exists is known before), and costs are not estimated: a real API server
/// does both.
/// </summary>
internal abstract record CelNode
{
    /// <summary>Whether a name occurs in it.</summary>
    public abstract bool Names(string identifier);
}

internal sealed record CelLiteral(object? Value) : CelNode
{
    public override bool Names(string identifier) => false;
}

internal sealed record CelIdentifier(string Name) : CelNode
{
    public override bool Names(string identifier) => Name == identifier;
}

/// <param name="At">Where the dot stands in the text.</param>
/// <param name="Optional">Written <c>.?field</c>: what comes out may not be there.</param>
internal sealed record CelSelect(CelNode Operand, string Field, int At, bool Optional = false) : CelNode
{
    public override bool Names(string identifier) => Operand.Names(identifier);
}

internal sealed record CelIndex(CelNode Operand, CelNode Key, bool Optional = false) : CelNode
{
    public override bool Names(string identifier) => Operand.Names(identifier) || Key.Names(identifier);
}

/// <summary>A function, a method (then with a target), an operator (by its sign) or a macro.</summary>
internal sealed record CelCall(string Function, CelNode? Target, IReadOnlyList<CelNode> Arguments) : CelNode
{
    public override bool Names(string identifier) => Target?.Names(identifier) == true || Arguments.Any(a => a.Names(identifier));
}

internal sealed record CelList(IReadOnlyList<CelNode> Items) : CelNode
{
    public override bool Names(string identifier) => Items.Any(i => i.Names(identifier));
}

internal sealed record CelMap(IReadOnlyList<(CelNode Key, CelNode Value)> Entries) : CelNode
{
    public override bool Names(string identifier) => Entries.Any(e => e.Key.Names(identifier) || e.Value.Names(identifier));
}
