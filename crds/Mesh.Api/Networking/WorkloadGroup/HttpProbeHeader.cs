using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A header of a probe.</summary>
public sealed record HttpProbeHeader
{
    /// <summary>Name.</summary>
    [RegularExpression("^[-_A-Za-z0-9]+$")]
    public string? Name { get; init; }

    /// <summary>Value.</summary>
    public string? Value { get; init; }
}
