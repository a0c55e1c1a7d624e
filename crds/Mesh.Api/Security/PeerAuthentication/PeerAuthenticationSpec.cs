using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Security;

/// <summary>What pods take from their callers.</summary>
[CelRule("(has(self.selector) && has(self.selector.matchLabels) && self.selector.matchLabels.size() > 0) || !has(self.portLevelMtls)", "portLevelMtls requires selector")]
public sealed record PeerAuthenticationSpec : ISpecFromUser
{
    /// <summary>
    /// The pods of this namespace it is for. Default: all of them, in the root namespace those of the whole mesh. In the root
    /// namespace one with a selector has no effect.
    /// </summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>What every port takes, ports that no Service names included. Default: what the namespace or the mesh says.</summary>
    public MutualTls? Mtls { get; init; }

    /// <summary>
    /// Ports that differ, by the number the application listens on (not the Service's): <c>8080: {mode: DISABLE}</c>. Needs a
    /// selector.
    /// </summary>
    [MinLength(1)]
    [CelRule("self.all(key, 0 < int(key) && int(key) <= 65535)", "port must be between 1-65535")]
    public IReadOnlyDictionary<string, MutualTls>? PortLevelMtls { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
