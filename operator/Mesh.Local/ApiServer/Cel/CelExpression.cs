using System.Collections.Immutable;

namespace Mesh.Local.ApiServer.Cel;

/// <summary>
/// A compiled expression of the Common Expression Language, as far as CustomResourceDefinitions and webhooks' matchConditions
/// usually go: operators, has(), the list macros, texts, durations and timestamps. Compiling names everything it does not
/// have, so that a rule never passes because it was not understood. Evaluation has neither state nor side effects, and its
/// depth is that of the text.
/// </summary>
internal sealed class CelExpression
{
    private readonly CelNode root;

    private CelExpression(string text, CelNode root, ImmutableHashSet<string> names)
    {
        Text = text;
        this.root = root;
        Names = names;
    }

    public string Text { get; }

    /// <summary>The variables it reads.</summary>
    public ImmutableHashSet<string> Names { get; }

    /// <exception cref="CelException">The text is not an expression, or uses something that is not there.</exception>
    public static CelExpression Compile(string text, params ReadOnlySpan<string> variables)
    {
        var parser = new CelParser(CelLexer.Read(text), [.. variables]);
        return new CelExpression(text, parser.ReadAll(), [.. parser.Used]);
    }

    /// <exception cref="CelException">The expression fails on these values.</exception>
    public object? Evaluate(params ReadOnlySpan<(string Name, object? Value)> variables)
    {
        var scope = CelScope.Empty;
        foreach (var (name, value) in variables)
            scope = scope.With(name, value);
        return root(scope);
    }

    public bool IsTrue(params ReadOnlySpan<(string Name, object? Value)> variables) => Evaluate(variables) is true;
}
