namespace Mesh.Api.Validation;

/// <summary>
/// Whether a text is an expression of the Common Expression Language, by its grammar alone
/// (https://github.com/google/cel-spec): names and types are for whoever evaluates it.
/// </summary>
internal sealed class CelSyntax
{
    private static readonly string[] Relations = ["==", "!=", "<=", ">=", "<", ">", "in"];
    private readonly IReadOnlyList<CelToken> tokens;
    private int at;
    private string? problem;

    private CelSyntax(IReadOnlyList<CelToken> tokens) => this.tokens = tokens;

    /// <summary>What is wrong with it; <c>null</c> when nothing is.</summary>
    public static string? Problem(string expression)
    {
        if (CelToken.Read(expression, out var tokens) is { } unreadable)
            return unreadable;
        var syntax = new CelSyntax(tokens);
        syntax.Expression(depth: 0);
        if (syntax.problem is null && syntax.at < tokens.Count)
            syntax.Fail();
        return syntax.problem;
    }

    private bool Take(string text)
    {
        if (at >= tokens.Count || tokens[at].IsLiteral || tokens[at].Text != text)
            return false;
        at++;
        return true;
    }

    private void Need(string text)
    {
        if (problem is null && !Take(text))
            problem = at < tokens.Count ? $"{text} is missing before '{tokens[at].Text}'" : $"{text} is missing at the end";
    }

    private void Fail() => problem ??= at < tokens.Count ? $"'{tokens[at].Text}' is not expected there" : "it ends too early";

    private void Expression(int depth)
    {
        if (depth > 100)
        {
            problem ??= "it is nested too deeply";
            return;
        }

        Binary(depth, 0);
        if (problem is not null || !Take("?"))
            return;
        Binary(depth, 0);
        Need(":");
        if (problem is null)
            Expression(depth + 1);
    }

    // From the weakest binding to the strongest: or, and, relations, sums, products.
    private void Binary(int depth, int level)
    {
        string[] operators = level switch { 0 => ["||"], 1 => ["&&"], 2 => Relations, 3 => ["+", "-"], _ => ["*", "/", "%"] };
        do
        {
            if (level < 4)
                Binary(depth, level + 1);
            else
                Unary(depth);
        }
        while (problem is null && operators.Any(Take));
    }

    private void Unary(int depth)
    {
        while (Take("!") || Take("-"))
        {
        }

        Primary(depth);
        while (problem is null)
        {
            if (Take("."))
                Member(depth);
            else if (Take("["))
                Closed(depth, "]");
            else
                return;
        }
    }

    private void Member(int depth)
    {
        _ = Take("?");
        if (!Name())
            Fail();
        else if (Take("("))
            List(depth, ")");
    }

    private bool Name()
    {
        if (at >= tokens.Count || !tokens[at].IsName)
            return false;
        at++;
        return true;
    }

    private void Primary(int depth)
    {
        if (at < tokens.Count && tokens[at].IsLiteral)
            at++;
        else if (Take("("))
            Closed(depth, ")");
        else if (Take("["))
            List(depth, "]");
        else if (Take("{"))
            Map(depth);
        else if ((Take(".") | true) && Name())
            Call(depth);
        else
            Fail();
    }

    private void Call(int depth)
    {
        if (Take("("))
            List(depth, ")");
        else if (Take("{"))
            Map(depth);
    }

    private void Closed(int depth, string end)
    {
        Expression(depth + 1);
        Need(end);
    }

    private void List(int depth, string end)
    {
        while (problem is null && !Take(end))
        {
            Expression(depth + 1);
            if (!Take(","))
            {
                Need(end);
                return;
            }
        }
    }

    private void Map(int depth)
    {
        while (problem is null && !Take("}"))
        {
            Expression(depth + 1);
            Need(":");
            if (problem is null)
                Expression(depth + 1);
            if (!Take(","))
            {
                Need("}");
                return;
            }
        }
    }
}
