using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.MeshWide;

/// <summary>The body a deciding service gets to see.</summary>
public sealed record ExtAuthzBody
{
    /// <summary>Most bytes.</summary>
    [Range(0, 4294967295d)]
    public long? MaxRequestBytes { get; init; }

    /// <summary>Whether a longer body is cut.</summary>
    public bool? AllowPartialMessage { get; init; }

    /// <summary>Whether it is sent as bytes.</summary>
    public bool? PackAsBytes { get; init; }
}
