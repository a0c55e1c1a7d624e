using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>Where a workload is reached and what it is.</summary>
[CelRule("has(self.address) || has(self.network)", "Address is required")]
public sealed record WorkloadEntrySpec : WorkloadDescription, ISpecFromUser
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
