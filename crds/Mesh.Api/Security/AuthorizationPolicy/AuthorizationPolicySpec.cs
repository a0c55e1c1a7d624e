using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Security;

/// <summary>For whom it is, what it matches, and what is done with that.</summary>
[CelRule("(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1", "only one of targetRefs or selector can be set")]
public sealed record AuthorizationPolicySpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all of them, in the root namespace those of the whole mesh.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>The one object it is attached to instead; superseded by <c>targetRefs</c>.</summary>
    public PolicyTargetReference? TargetRef { get; init; }

    /// <summary>The objects it is attached to instead of pods: Gateways, Services, ServiceEntries of this namespace.</summary>
    [MaxLength(16)]
    public IReadOnlyList<PolicyTargetReference> TargetRefs { get; init; } = [];

    /// <summary>
    /// What it matches: one of the rules suffices. None at all matches nothing, so that ALLOW then denies everything;
    /// <c>- {}</c> matches everything.
    /// </summary>
    [MaxLength(512)]
    public IReadOnlyList<AuthorizationRule>? Rules { get; init; }

    /// <summary><c>ALLOW</c> (default), <c>DENY</c>, <c>AUDIT</c>, or <c>CUSTOM</c>: the provider decides.</summary>
    [AllowedValues("ALLOW", "DENY", "AUDIT", "CUSTOM")]
    public string? Action { get; init; }

    /// <summary>Who decides, with CUSTOM alone.</summary>
    public ExtensionProvider? Provider { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
