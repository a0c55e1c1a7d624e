using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Networking;

/// <summary>How sidecars are started.</summary>
public sealed record ProxyConfigSpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all of them, in the root namespace those of the whole mesh.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>Threads that work at once. Default, and 0: as many as the sidecar's CPU limit allows.</summary>
    [Range(0, int.MaxValue)]
    public int? Concurrency { get; init; }

    /// <summary>
    /// Environment of the sidecar, as <c>proxyMetadata</c> of MeshConfig: <c>ISTIO_META_DNS_CAPTURE</c>,
    /// <c>EXIT_ON_ZERO_ACTIVE_CONNECTIONS</c>, <c>MINIMUM_DRAIN_DURATION</c>; of others the status says that nothing reads them.
    /// </summary>
    [MaxLength(2048)]
    public IReadOnlyDictionary<string, string> EnvironmentVariables { get; init; } = new Dictionary<string, string>();

    /// <summary>The sidecar's image.</summary>
    public ProxyImage? Image { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
