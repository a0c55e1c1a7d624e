using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>A ring of endpoints.</summary>
public sealed record RingHash
{
    /// <summary>Least number of places on the ring; more spread the load more evenly. Default 1024.</summary>
    [Range(0, long.MaxValue)]
    public long? MinimumRingSize { get; init; }
}
