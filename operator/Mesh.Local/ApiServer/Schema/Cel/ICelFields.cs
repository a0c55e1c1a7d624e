namespace Mesh.Local.ApiServer.Schema.Cel;

/// <summary>A value with fields: an object or map from JSON, one written in the expression, or variables that have their value when asked.</summary>
internal interface ICelFields
{
    int Count { get; }

    IEnumerable<string> Keys { get; }

    bool Has(string name);

    /// <exception cref="CelError">There is no such field, or it has no value.</exception>
    object? this[string name] { get; }
}
