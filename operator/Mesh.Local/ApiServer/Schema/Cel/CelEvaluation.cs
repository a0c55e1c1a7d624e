namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>The value of an expression for given variables.</summary>
internal sealed class CelEvaluation
{
    // No rule of a sane schema comes near; a comprehension within a comprehension over a large list would.
    private const int MostSteps = 1_000_000;

    private readonly Dictionary<string, object?> variables;
    private int steps;

    private CelEvaluation(IReadOnlyDictionary<string, object?> variables) => this.variables = new(variables);

    /// <summary>Evaluates; throws <see cref="CelError"/> where there is no value.</summary>
    public static object? Of(CelNode node, IReadOnlyDictionary<string, object?> variables) => new CelEvaluation(variables).Value(node);

    private object? Value(CelNode node)
    {
        if (++steps > MostSteps)
            throw new CelError("operation cancelled: actual cost limit exceeded");
        return node switch
        {
            CelLiteral literal => literal.Value,
            CelIdentifier name => Variable(name.Name),
            CelSelect { Optional: true } select => CelOptional.FieldOf(Value(select.Operand), select.Field),
            CelSelect select => Field(Value(select.Operand), select.Field),
            CelIndex { Optional: true } index => CelOptional.ItemOf(Value(index.Operand), Value(index.Key)),
            CelIndex index => Item(Value(index.Operand), Value(index.Key)),
            CelList list => list.Items.Select(Value).ToList(),
            CelMap map => new CelLiteralMap(map.Entries.ToDictionary(e => Value(e.Key) as string ?? throw new CelError("a key must be a string"), e => Value(e.Value))),
            CelCall call => Call(call),
            _ => throw new CelError("unknown expression"),
        };
    }

    /// <summary>One that costs something is had when it is asked for.</summary>
    private object? Variable(string name) => variables.TryGetValue(name, out var value)
        ? value is Lazy<object?> later ? later.Value : value
        : throw new CelError($"undeclared reference to '{name}'");

    private static object? Field(object? value, string name) => value switch
    {
        ICelFields map => map[name],
        CelOptional optional => optional.Field(name),
        _ => throw new CelError($"no such field: {name}"),
    };

    private static object? Item(object? value, object? key) => (value, key) switch
    {
        (List<object?> list, long at) => at >= 0 && at < list.Count ? list[(int)at] : throw new CelError($"index out of bounds: {at}"),
        (CelOptional, _) => CelOptional.ItemOf(value, key),
        (_, string name) => Field(value, name),
        _ => throw new CelError("no such overload"),
    };

    private object? Call(CelCall call) => (call.Function, call.Target, call.Arguments.Count) switch
    {
        ("has", null, 1) => Has(call.Arguments[0]),
        ("&&", null, 2) => Junction(call, decides: false),
        ("||", null, 2) => Junction(call, decides: true),
        ("?:", null, 3) => Truth(Value(call.Arguments[0])) ? Value(call.Arguments[1]) : Value(call.Arguments[2]),
        ("all" or "exists" or "exists_one" or "filter" or "map", { } target, >= 2) when call.Arguments[0] is CelIdentifier variable =>
            Comprehension(call, Elements(Value(target)), variable.Name),
        _ => CelFunctions.Call(call.Function, call.Target is null ? null : Value(call.Target), call.Target is not null, [.. call.Arguments.Select(Value)]),
    };

    private bool Has(CelNode node)
    {
        if (node is not CelSelect select)
            throw new CelError("has() takes a field");
        return Value(select.Operand) switch
        {
            ICelFields map => map.Has(select.Field),
            CelOptional optional => optional.Field(select.Field).HasValue,
            _ => throw new CelError($"no such field: {select.Field}"),
        };
    }

    // One side may decide alone, even where the other has no value.
    private bool Junction(CelCall call, bool decides)
    {
        CelError? error = null;
        foreach (var side in call.Arguments)
        {
            try
            {
                if (Truth(Value(side)) == decides)
                    return decides;
            }
            catch (CelError e)
            {
                error ??= e;
            }
        }

        return error is null ? !decides : throw error;
    }

    private object? Comprehension(CelCall call, IEnumerable<object?> elements, string variable)
    {
        var had = variables.TryGetValue(variable, out var outer);
        var results = new List<(object? Element, object? Result)>();
        CelError? error = null;
        foreach (var element in elements)
        {
            variables[variable] = element;
            try
            {
                // map(x, condition, value) leaves out what does not meet the condition.
                if (call is { Function: "map", Arguments.Count: 3 } && !Truth(Value(call.Arguments[1])))
                    continue;
                results.Add((element, Value(call.Arguments[^1])));
            }
            catch (CelError e) when (call.Function is "all" or "exists")
            {
                error ??= e;
            }
        }

        if (had)
            variables[variable] = outer;
        else
            variables.Remove(variable);
        return call.Function switch
        {
            "map" => results.Select(r => r.Result).ToList(),
            "filter" => results.Where(r => Truth(r.Result)).Select(r => r.Element).ToList(),
            "exists_one" => results.Count(r => Truth(r.Result)) == 1,
            "exists" => results.Any(r => Truth(r.Result)) || (error is null ? false : throw error),
            _ => results.All(r => Truth(r.Result)) && (error is null ? true : throw error),
        };
    }

    private static IEnumerable<object?> Elements(object? value) => value switch
    {
        List<object?> list => list,
        ICelFields map => map.Keys,
        _ => throw new CelError("no such overload"),
    };

    private static bool Truth(object? value) => value is bool truth ? truth : throw new CelError("no such overload");
}
