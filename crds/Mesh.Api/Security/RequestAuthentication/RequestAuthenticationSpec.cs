using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Security;

/// <summary>For whom it is, and whose tokens are taken.</summary>
[CelRule("(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1", "only one of targetRefs or selector can be set")]
public sealed record RequestAuthenticationSpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all of them, in the root namespace those of the whole mesh.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>The one object it is attached to instead; superseded by <c>targetRefs</c>.</summary>
    public PolicyTargetReference? TargetRef { get; init; }

    /// <summary>The objects it is attached to instead of pods: Gateways, Services, ServiceEntries of this namespace.</summary>
    [MaxLength(16)]
    public IReadOnlyList<PolicyTargetReference> TargetRefs { get; init; } = [];

    /// <summary>Issuers of tokens, and where a token is found.</summary>
    [MaxLength(4096)]
    public IReadOnlyList<JwtRule> JwtRules { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
