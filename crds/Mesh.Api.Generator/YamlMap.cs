namespace Mesh.Api.Generator;

/// <summary>A YAML mapping in the order its keys were set; a null value leaves its key out.</summary>
public sealed class YamlMap : Dictionary<string, object>
{
    /// <summary>Sets a key, or nothing when the value is null.</summary>
    public YamlMap Put(string key, object? value)
    {
        if (value is not null)
            this[key] = value;
        return this;
    }
}
