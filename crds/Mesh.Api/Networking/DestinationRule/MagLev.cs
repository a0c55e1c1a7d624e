using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A Maglev table.</summary>
public sealed record MagLev
{
    /// <summary>Size of the table: a prime below 5000011. Default 65537.</summary>
    [Range(0, long.MaxValue)]
    public long? TableSize { get; init; }
}
