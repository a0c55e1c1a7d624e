using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Api.Extensions;

/// <summary>Which program runs where.</summary>
[CelRule("(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1", "only one of targetRefs or selector can be set")]
public sealed record WasmPluginSpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all of them, in the root namespace those of the whole mesh.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>The one object it is attached to instead; superseded by <c>targetRefs</c>.</summary>
    public PolicyTargetReference? TargetRef { get; init; }

    /// <summary>The objects it is attached to instead of pods: Gateways, Services, ServiceEntries of this namespace.</summary>
    [MaxLength(16)]
    public IReadOnlyList<PolicyTargetReference> TargetRefs { get; init; } = [];

    /// <summary>Where it is: <c>file://</c>, <c>http://</c>, <c>https://</c> or <c>oci://</c>, the last if nothing is said.</summary>
    [Required]
    [StringLength(2048, MinimumLength = 1)]
    [RegularExpression(@"^((file|https?|oci)://\S+|[^:/#%\s]+(/[^#%\s]*)?)$", ErrorMessage = "Write oci://, https://, http:// or file:// with a path; without it, oci is meant.")]
    public string? Url { get; init; }

    /// <summary>Checksum of what is there.</summary>
    [RegularExpression("^$|^[a-f0-9]{64}$")]
    public string? Sha256 { get; init; }

    /// <summary>When it is fetched anew.</summary>
    [AllowedValues("UNSPECIFIED_POLICY", "IfNotPresent", "Always")]
    public string? ImagePullPolicy { get; init; }

    /// <summary>Secret with what is needed to fetch it.</summary>
    [StringLength(253, MinimumLength = 1)]
    public string? ImagePullSecret { get; init; }

    /// <summary>Key that it is signed with.</summary>
    public string? VerificationKey { get; init; }

    /// <summary>Its settings.</summary>
    public JsonElement? PluginConfig { get; init; }

    /// <summary>Its name.</summary>
    [StringLength(256, MinimumLength = 1)]
    public string? PluginName { get; init; }

    /// <summary>Where it stands among the steps of the proxy.</summary>
    [AllowedValues("UNSPECIFIED_PHASE", "AUTHN", "AUTHZ", "STATS")]
    public string? Phase { get; init; }

    /// <summary>Order among several of a phase; the higher comes first. Default 0.</summary>
    public int? Priority { get; init; }

    /// <summary>What happens to requests when it fails.</summary>
    [AllowedValues("FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD")]
    public string? FailStrategy { get; init; }

    /// <summary>Its surroundings.</summary>
    public VmConfig? VmConfig { get; init; }

    /// <summary>Which traffic it sees. Default: all.</summary>
    [MaxLength(256)]
    public IReadOnlyList<TrafficSelector> Match { get; init; } = [];

    /// <summary>Whether it sees requests or bytes.</summary>
    [AllowedValues("UNSPECIFIED_PLUGIN_TYPE", "HTTP", "NETWORK")]
    public string? Type { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
