namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>A value that may not be there: <c>object.?metadata.?labels["app"].orValue("")</c>.</summary>
internal sealed record CelOptional(bool HasValue, object? Value)
{
    public static CelOptional None { get; } = new(false, null);

    public static CelOptional Of(object? value) => new(true, value);

    /// <summary>A field of it, which is there only if it is and has the field.</summary>
    public CelOptional Field(string name) => HasValue ? FieldOf(Value, name) : None;

    public static CelOptional FieldOf(object? owner, string name) => owner switch
    {
        CelOptional optional => optional.Field(name),
        ICelFields map => map.Has(name) ? Of(map[name]) : None,
        _ => throw new CelError($"no such field: {name}"),
    };

    public static CelOptional ItemOf(object? owner, object? key) => (owner, key) switch
    {
        (CelOptional optional, _) => optional.HasValue ? ItemOf(optional.Value, key) : None,
        (List<object?> list, long at) => at >= 0 && at < list.Count ? Of(list[(int)at]) : None,
        (_, string name) => FieldOf(owner, name),
        _ => throw new CelError("no such overload"),
    };

    /// <summary>The functions that take values out again; null for a name that is none of them.</summary>
    public object? Call(string name, object?[] arguments) => (name, arguments) switch
    {
        ("hasValue", []) => HasValue,
        ("value", []) => HasValue ? Value : throw new CelError("optional.none() dereference"),
        ("orValue", [var other]) => HasValue ? Value : other,
        ("or", [CelOptional other]) => HasValue ? this : other,
        _ => throw new CelError($"no such overload: {name}"),
    };
}
