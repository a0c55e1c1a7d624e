using System.Text.Json;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>An object or map as it stands in JSON; its values are read when asked for, by its schema.</summary>
internal sealed class CelObject(JsonElement json, JsonElement? schema) : ICelFields
{
    public int Count => json.EnumerateObject().Count(p => p.Value.ValueKind != JsonValueKind.Null);

    public IEnumerable<string> Keys => json.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).Select(p => p.Name);

    public bool Has(string name) => json.At(name) is not null;

    public object? this[string name] => json.At(name) is { } value
        ? CelValues.From(value, schema?.At("properties", name) ?? schema?.At("additionalProperties"))
        : throw new CelError($"no such key: {name}");
}
