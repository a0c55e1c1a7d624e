using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Mesh.Api.Extensions;

/// <summary>Which program runs where.</summary>
[AtMostOneOf(nameof(Selector), nameof(TargetRefs))]
[CelRule("(has(self.wasm) ? 1 : 0) + (has(self.lua) ? 1 : 0) == 1", "exactly one of wasm and lua must be set")]
public sealed record TrafficExtensionSpec : ISpecFromUser
{
    /// <summary>The pods of this namespace it is for. Default: all of them, in the root namespace those of the whole mesh.</summary>
    public WorkloadSelector? Selector { get; init; }

    /// <summary>The objects it is attached to instead of pods: Gateways, Services, ServiceEntries of this namespace.</summary>
    [MaxLength(16)]
    public IReadOnlyList<PolicyTargetReference> TargetRefs { get; init; } = [];

    /// <summary>Where it stands among the steps of the proxy.</summary>
    [AllowedValues("UNSPECIFIED_PHASE", "AUTHN", "AUTHZ", "STATS")]
    public string? Phase { get; init; }

    /// <summary>Order among several of a phase; the higher comes first. Default 0.</summary>
    public int? Priority { get; init; }

    /// <summary>Which traffic it sees. Default: all.</summary>
    [MaxLength(256)]
    public IReadOnlyList<TrafficSelector> Match { get; init; } = [];

    /// <summary>A program in WebAssembly.</summary>
    public WasmExtension? Wasm { get; init; }

    /// <summary>A program in Lua.</summary>
    public LuaExtension? Lua { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string? Unreadable { get; init; }
}
