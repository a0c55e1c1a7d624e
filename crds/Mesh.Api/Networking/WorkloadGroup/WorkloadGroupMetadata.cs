using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Labels and annotations.</summary>
public sealed record WorkloadGroupMetadata
{
    /// <summary>Labels.</summary>
    [MaxLength(256)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations.</summary>
    [MaxLength(256)]
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}
