namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>A map that the expression itself writes.</summary>
internal sealed class CelLiteralMap(IReadOnlyDictionary<string, object?> entries) : ICelFields
{
    public int Count => entries.Count;

    public IEnumerable<string> Keys => entries.Keys;

    public bool Has(string name) => entries.ContainsKey(name);

    public object? this[string name] => entries.TryGetValue(name, out var found) ? found : throw new CelError($"no such key: {name}");
}
