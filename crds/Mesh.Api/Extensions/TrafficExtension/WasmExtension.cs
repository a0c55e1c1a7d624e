using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Mesh.Api.Extensions;

/// <summary>A program in WebAssembly.</summary>
public sealed record WasmExtension
{
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

    /// <summary>What happens to requests when it fails.</summary>
    [AllowedValues("FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD")]
    public string? FailStrategy { get; init; }

    /// <summary>Its surroundings.</summary>
    public VmConfig? VmConfig { get; init; }

    /// <summary>Whether it sees requests or bytes.</summary>
    [AllowedValues("UNSPECIFIED_PLUGIN_TYPE", "HTTP", "NETWORK")]
    public string? Type { get; init; }
}
