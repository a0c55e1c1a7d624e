using System.ComponentModel.DataAnnotations;

namespace Mesh.Api;

/// <summary>A share of requests in percent: 0, or 0.0001 to 100.</summary>
public sealed record Percent
{
    /// <summary>The number, e.g. <c>12.5</c>. Unset is 0.</summary>
    [Range(0.0, 100.0)]
    public double? Value { get; init; }
}
