namespace Mesh.Api;

/// <summary>The list is a map: no two elements have the same value of this field, and apply merges by it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapKeyAttribute(string key) : Attribute
{
    /// <summary>JSON name of the field.</summary>
    public string Key { get; } = key;
}
