namespace Mesh.Config;

/// <summary>A condition on a string.</summary>
public sealed record StringMatch
{
    /// <summary>How <see cref="Value"/> is compared.</summary>
    public required StringMatchKind Kind { get; init; }

    /// <summary>The text or RE2 expression.</summary>
    public required string Value { get; init; }
}
