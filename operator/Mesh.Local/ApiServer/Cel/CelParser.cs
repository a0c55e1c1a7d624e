using System.Globalization;

namespace Mesh.Local.ApiServer.Cel;

/// <summary>Reads tokens into a tree of functions, by the grammar's precedence: ?:, ||, &amp;&amp;, relations, sums, products, unary, members.</summary>
internal sealed class CelParser(List<CelToken> tokens, HashSet<string> variables)
{
    private static readonly HashSet<string> Macros = ["all", "exists", "exists_one", "map", "filter"];
    private readonly HashSet<string> bound = [];
    private int position;

    public HashSet<string> Used { get; } = [];

    private CelToken Now => tokens[position];

    public CelNode ReadAll()
    {
        var root = Conditional();
        return Now.Kind == CelTokenKind.End ? root : throw Unexpected();
    }

    private CelNode Conditional()
    {
        var condition = Or();
        if (!Take("?"))
            return condition;
        var yes = Or();
        Expect(":");
        var no = Conditional();
        return scope => CelValue.Truth(condition(scope)) ? yes(scope) : no(scope);
    }

    /// <summary>Either side decides alone, even when the other fails.</summary>
    private CelNode Or()
    {
        var left = And();
        while (Take("||"))
        {
            var (first, second) = (left, And());
            left = scope => Decide(first, second, scope, decisive: true);
        }

        return left;
    }

    private CelNode And()
    {
        var left = Relation();
        while (Take("&&"))
        {
            var (first, second) = (left, Relation());
            left = scope => Decide(first, second, scope, decisive: false);
        }

        return left;
    }

    private static object Decide(CelNode first, CelNode second, CelScope scope, bool decisive)
    {
        CelException? failed = null;
        try
        {
            if (CelValue.Truth(first(scope)) == decisive)
                return decisive;
        }
        catch (CelException problem)
        {
            failed = problem;
        }

        if (CelValue.Truth(second(scope)) == decisive)
            return decisive;
        return failed is null ? !decisive : throw failed;
    }

    private CelNode Relation()
    {
        var left = Sum();
        while (true)
        {
            if (Now is { Kind: CelTokenKind.Identifier, Text: "in" })
            {
                position++;
                var (item, container) = (left, Sum());
                left = scope => CelValue.In(item(scope), container(scope));
                continue;
            }

            if (Now.Kind != CelTokenKind.Symbol || Now.Text is not ("==" or "!=" or "<" or "<=" or ">" or ">="))
                return left;
            var operation = tokens[position++].Text;
            var (first, second) = (left, Sum());
            left = scope => Relate(operation, first(scope), second(scope));
        }
    }

    private static object Relate(string operation, object? left, object? right) => operation switch
    {
        "==" => CelValue.Equals(left, right),
        "!=" => !CelValue.Equals(left, right),
        "<" => CelValue.Compare(left, right) < 0,
        "<=" => CelValue.Compare(left, right) <= 0,
        ">" => CelValue.Compare(left, right) > 0,
        _ => CelValue.Compare(left, right) >= 0,
    };

    private CelNode Sum() => Chain(Product, "+", "-");

    private CelNode Product() => Chain(Unary, "*", "/", "%");

    private CelNode Chain(Func<CelNode> part, params string[] operations)
    {
        var left = part();
        while (Now.Kind == CelTokenKind.Symbol && operations.Contains(Now.Text))
        {
            var operation = tokens[position++].Text;
            var (first, second) = (left, part());
            left = scope => CelValue.Calculate(operation, first(scope), second(scope));
        }

        return left;
    }

    private CelNode Unary()
    {
        if (Take("!"))
        {
            var inner = Unary();
            return scope => !CelValue.Truth(inner(scope));
        }

        if (Take("-"))
        {
            var inner = Unary();
            return scope => inner(scope) switch
            {
                long whole => -whole,
                double number => -number,
                _ => throw new CelException("no such overload: -_"),
            };
        }

        return Member(Primary());
    }

    private CelNode Member(CelNode owner)
    {
        while (true)
        {
            if (Take("."))
            {
                var name = Identifier();
                owner = Take("(") ? Call(owner, name) : Select(owner, name);
            }
            else if (Take("["))
            {
                var (list, index) = (owner, Conditional());
                Expect("]");
                owner = scope => CelValue.Index(list(scope), index(scope));
            }
            else
            {
                return owner;
            }
        }
    }

    private static CelNode Select(CelNode owner, string name)
    {
        name = Unescape(name);
        return scope => CelValue.Field(owner(scope), name);
    }

    private CelNode Call(CelNode owner, string name)
    {
        if (Macros.Contains(name) && tokens[position].Kind == CelTokenKind.Identifier && tokens[position + 1] is { Kind: CelTokenKind.Symbol, Text: "," })
            return Macro(owner, name);
        var arguments = Arguments();
        var function = CelFunctions.Find(name, arguments.Count + 1, method: true);
        return scope => function([owner(scope), .. arguments.Select(argument => argument(scope))]);
    }

    private CelNode Macro(CelNode owner, string name)
    {
        var variable = Identifier();
        Expect(",");
        var isNew = bound.Add(variable);
        var body = Conditional();
        CelNode? then = null;
        if (name == "map" && Take(","))
            then = Conditional();
        if (isNew)
            bound.Remove(variable);
        Expect(")");
        return name switch
        {
            "all" => scope => All(CelValue.Range(owner(scope)), scope, variable, body, decisive: false),
            "exists" => scope => All(CelValue.Range(owner(scope)), scope, variable, body, decisive: true),
            "exists_one" => scope => CelValue.Range(owner(scope)).Count(item => CelValue.Truth(body(scope.With(variable, item)))) == 1,
            "filter" => scope => CelValue.Range(owner(scope)).Where(item => CelValue.Truth(body(scope.With(variable, item)))).ToList(),
            _ when then is null => scope => CelValue.Range(owner(scope)).Select(item => body(scope.With(variable, item))).ToList(),
            _ => scope => CelValue.Range(owner(scope)).Where(item => CelValue.Truth(body(scope.With(variable, item)))).Select(item => then!(scope.With(variable, item))).ToList(),
        };
    }

    /// <summary>One item decides alone; a failure counts only when none does.</summary>
    private static object All(IEnumerable<object?> items, CelScope scope, string variable, CelNode body, bool decisive)
    {
        CelException? failed = null;
        foreach (var item in items)
        {
            try
            {
                if (CelValue.Truth(body(scope.With(variable, item))) == decisive)
                    return decisive;
            }
            catch (CelException problem)
            {
                failed = problem;
            }
        }

        return failed is null ? !decisive : throw failed;
    }

    private CelNode Primary()
    {
        var token = tokens[position++];
        switch (token.Kind)
        {
            case CelTokenKind.Text:
                return _ => token.Text;
            case CelTokenKind.Integer:
                var whole = token.Text.StartsWith("0x", StringComparison.Ordinal) ? Convert.ToInt64(token.Text, 16) : long.Parse(token.Text, CultureInfo.InvariantCulture);
                return _ => whole;
            case CelTokenKind.Decimal:
                return double.TryParse(token.Text, CultureInfo.InvariantCulture, out var number) ? _ => number : throw new CelException($"'{token.Text}' is not a number");
            case CelTokenKind.Identifier:
                return Named(token);
            case CelTokenKind.Symbol when token.Text == "(":
                var inner = Conditional();
                Expect(")");
                return inner;
            case CelTokenKind.Symbol when token.Text == "[":
                var items = Items("]");
                return scope => items.Select(item => item(scope)).ToList();
            default:
                position--;
                throw Unexpected();
        }
    }

    private CelNode Named(CelToken token)
    {
        switch (token.Text)
        {
            case "true":
                return _ => true;
            case "false":
                return _ => false;
            case "null":
                return _ => null;
            case "has":
                return Has();
        }

        if (Take("("))
        {
            var arguments = Arguments();
            var function = CelFunctions.Find(token.Text, arguments.Count, method: false);
            return scope => function([.. arguments.Select(argument => argument(scope))]);
        }

        if (!variables.Contains(token.Text) && !bound.Contains(token.Text))
            throw new CelException($"undeclared reference to '{token.Text}'");
        Used.Add(token.Text);
        return scope => scope.Find(token.Text);
    }

    /// <summary>has(a.b): whether the last field is there; what comes before it must be.</summary>
    private CelNode Has()
    {
        Expect("(");
        var owner = Primary();
        string? last = null;
        while (!Take(")"))
        {
            if (last is not null)
                owner = Select(owner, last);
            last = null;
            if (Take("."))
            {
                last = Identifier();
                continue;
            }

            Expect("[");
            var (list, index) = (owner, Conditional());
            Expect("]");
            owner = scope => CelValue.Index(list(scope), index(scope));
        }

        if (last is null)
            throw new CelException("invalid argument to has() macro");
        var (container, field) = (owner, Unescape(last));
        return scope => CelValue.Has(container(scope), field);
    }

    private List<CelNode> Arguments() => Items(")");

    private List<CelNode> Items(string end)
    {
        var items = new List<CelNode>();
        if (Take(end))
            return items;
        do
        {
            items.Add(Conditional());
        }
        while (Take(","));
        Expect(end);
        return items;
    }

    private string Identifier()
    {
        var token = tokens[position++];
        if (token.Kind == CelTokenKind.Identifier)
            return token.Text;
        position--;
        throw Unexpected();
    }

    private bool Take(string symbol)
    {
        if (Now.Kind != CelTokenKind.Symbol || Now.Text != symbol)
            return false;
        position++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
            throw Unexpected();
    }

    private CelException Unexpected() =>
        new(Now.Kind == CelTokenKind.End ? "Syntax error: the expression ends too early" : $"Syntax error: unexpected '{Now.Text}' at {Now.Position + 1}");

    /// <summary>Kubernetes' escapes for field names that are no identifiers.</summary>
    private static string Unescape(string name) => name.Contains("__", StringComparison.Ordinal)
        ? name.Replace("__dot__", ".", StringComparison.Ordinal).Replace("__dash__", "-", StringComparison.Ordinal).Replace("__slash__", "/", StringComparison.Ordinal)
            .Replace("__underscores__", "__", StringComparison.Ordinal)
        : name;
}
