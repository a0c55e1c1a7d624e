using System.Collections.Concurrent;

namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>Tokens as an expression, by CEL's grammar.</summary>
internal sealed class CelParser
{
    // From the weakest to the strongest; the conditional is weaker than all of them.
    private static readonly string[][] Levels = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]];

    // A rule of a size that nests deeper than this is an attack on the stack.
    private const int MostNested = 100;

    private static readonly ConcurrentDictionary<string, CelNode> Read = new();

    private readonly IReadOnlyList<CelToken> tokens;
    private int at;
    private int depth;

    private CelParser(string text) => tokens = new CelLexer(text).Read();

    /// <summary>The same, once for each text: rules come with schemas and policies, of which there are few, and are asked for at every write.</summary>
    public static CelNode Known(string text) => Read.GetOrAdd(text, Parse);

    public static CelNode Parse(string text)
    {
        var parser = new CelParser(text);
        var node = parser.Expression();
        if (parser.Current.Kind != CelTokenKind.End)
            throw new CelError($"unexpected '{parser.Current.Text}' at {parser.Current.At}");
        return node;
    }

    private CelToken Current => tokens[at];

    private CelNode Expression()
    {
        if (++depth > MostNested)
            throw new CelError("the expression nests too deeply");
        var condition = Binary(0);
        if (Take("?"))
        {
            var yes = Binary(0);
            Expect(":");
            condition = new CelCall("?:", null, [condition, yes, Expression()]);
        }

        depth--;
        return condition;
    }

    private CelNode Binary(int level)
    {
        if (level == Levels.Length)
            return Unary();
        var left = Binary(level + 1);
        while (Current.Kind == CelTokenKind.Sign && Levels[level].Contains(Current.Text))
        {
            var sign = tokens[at++].Text;
            left = new CelCall(sign, null, [left, Binary(level + 1)]);
        }

        return left;
    }

    private CelNode Unary()
    {
        var not = 0;
        while (Take("!"))
            not++;
        if (not > 0)
            return not % 2 == 0 ? Unary() : new CelCall("!", null, [Unary()]);
        return Take("-") ? new CelCall("negate", null, [Unary()]) : Member();
    }

    private CelNode Member()
    {
        var node = Primary();
        while (true)
        {
            var dot = Current.At;
            if (Take("."))
            {
                var optional = Take("?");
                var name = Identifier();
                node = !optional && Take("(") ? Call(node, name) : new CelSelect(node, Unescape(name), dot, optional);
            }
            else if (Take("["))
            {
                var optional = Take("?");
                node = new CelIndex(node, Expression(), optional);
                Expect("]");
            }
            else
            {
                return node;
            }
        }
    }

    /// <summary>Some functions have a first name, which is not a variable.</summary>
    private CelCall Call(CelNode owner, string name) => owner is CelIdentifier { Name: "sets" or "optional" } family
        ? new CelCall($"{family.Name}.{name}", null, List(")"))
        : new CelCall(name, owner, List(")"));

    private CelNode Primary()
    {
        var token = tokens[at];
        if (token.Kind == CelTokenKind.Value)
        {
            at++;
            return new CelLiteral(token.Value);
        }

        if (token.Kind == CelTokenKind.Identifier)
        {
            at++;
            return Take("(") ? new CelCall(token.Text, null, List(")")) : new CelIdentifier(token.Text);
        }

        if (Take("("))
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        if (Take("["))
            return new CelList(List("]"));
        if (Take("{"))
            return Map();
        throw new CelError(token.Kind == CelTokenKind.End ? "the expression ends too early" : $"unexpected '{token.Text}' at {token.At}");
    }

    private List<CelNode> List(string end)
    {
        var items = new List<CelNode>();
        while (!Take(end))
        {
            if (items.Count > 0)
            {
                Expect(",");
                if (Take(end))
                    break;
            }

            items.Add(Expression());
        }

        return items;
    }

    private CelMap Map()
    {
        var entries = new List<(CelNode, CelNode)>();
        while (!Take("}"))
        {
            if (entries.Count > 0)
                Expect(",");
            var key = Expression();
            Expect(":");
            entries.Add((key, Expression()));
        }

        return new CelMap(entries);
    }

    private string Identifier()
    {
        if (Current.Kind != CelTokenKind.Identifier)
            throw new CelError($"a name is expected at {Current.At}");
        return tokens[at++].Text;
    }

    private bool Take(string sign)
    {
        if (Current.Kind != CelTokenKind.Sign || Current.Text != sign)
            return false;
        at++;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Take(sign))
            throw new CelError($"'{sign}' is expected at {Current.At}");
    }

    // Kubernetes writes names that are no identifiers of CEL with these words.
    private static string Unescape(string name) => !name.Contains("__", StringComparison.Ordinal) ? name : Keyword(name)
        .Replace("__dot__", ".", StringComparison.Ordinal).Replace("__dash__", "-", StringComparison.Ordinal)
        .Replace("__slash__", "/", StringComparison.Ordinal).Replace("__underscores__", "__", StringComparison.Ordinal);

    private static string Keyword(string name) =>
        name[2..^Math.Min(2, name.Length - 2)] is ("true" or "false" or "null" or "in" or "as" or "break" or "const" or "continue" or "else" or "for" or "function" or "if"
            or "import" or "let" or "loop" or "package" or "namespace" or "return") and var word && name == $"__{word}__" ? word : name;
}
