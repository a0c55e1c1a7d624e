using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>How sidecars are started.</summary>
public sealed record ProxyConfigSpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all of them, in the root namespace those of the whole mesh.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Threads. Default: by the CPU limit; 0: one for each CPU.</summary>
    [Range(0, int.MaxValue)]
    public int? Concurrency { get; init; }

    /// <summary>Environment of the sidecar.</summary>
    [MaxLength(2048)]
    public IReadOnlyDictionary<string, string> EnvironmentVariables { get; init; } = new Dictionary<string, string>();

    /// <summary>The sidecar's image.</summary>
    public ProxyImage? Image { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
