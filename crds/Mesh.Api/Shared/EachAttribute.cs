namespace Mesh.Api;

/// <summary>Bounds of the texts in a list or map: the least and the greatest number of characters of each.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EachAttribute : Attribute
{
    /// <summary>Least number of characters.</summary>
    public int MinLength { get; init; }

    /// <summary>Greatest number of characters.</summary>
    public int MaxLength { get; init; } = int.MaxValue;
}
