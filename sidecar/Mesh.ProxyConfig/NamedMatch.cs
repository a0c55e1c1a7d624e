namespace Mesh.Config;

/// <summary>A condition on a header or query parameter.</summary>
public sealed record NamedMatch
{
    /// <summary>Header names are lower-case; parameter names as written.</summary>
    public required string Name { get; init; }

    /// <summary>Condition on the value; <c>null</c> asks only that it is present.</summary>
    public StringMatch? Value { get; init; }

    /// <summary>The condition must not hold (withoutHeaders); an absent header counts as empty.</summary>
    public bool Invert { get; init; }
}
