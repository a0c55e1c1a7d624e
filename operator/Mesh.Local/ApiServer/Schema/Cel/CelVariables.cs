namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>
/// Named expressions that later ones use (<c>variables.name</c>): each is evaluated when it is first asked for, and once. One
/// without a value fails whoever asks for it, and nobody else.
/// </summary>
internal sealed class CelVariables(IReadOnlyDictionary<string, string> expressions, IReadOnlyDictionary<string, object?> scope) : ICelFields
{
    private readonly Dictionary<string, (object? Value, CelError? Error)> known = [];

    public int Count => expressions.Count;

    public IEnumerable<string> Keys => expressions.Keys;

    public bool Has(string name) => expressions.ContainsKey(name);

    public object? this[string name]
    {
        get
        {
            if (!known.TryGetValue(name, out var found))
                known[name] = found = Evaluate(name);
            return found.Error is null ? found.Value : throw found.Error;
        }
    }

    private (object?, CelError?) Evaluate(string name)
    {
        if (!expressions.TryGetValue(name, out var expression))
            return (null, new CelError($"no such key: {name}"));
        try
        {
            return (CelEvaluation.Of(CelParser.Known(expression), scope), null);
        }
        catch (CelError problem)
        {
            return (null, new CelError($"composited variable \"{name}\" fails to evaluate: {problem.Message}"));
        }
    }
}
