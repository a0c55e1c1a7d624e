using Mesh.Api.Extensions;
using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;
using Mesh.Api.Telemetry;
using Mesh.Api.Validation;

namespace Mesh.Api;

/// <summary>
/// The kinds of the mesh's API. What enters this project is a resource as the user wrote it; what leaves is its typed form
/// and findings about it; never I/O, a clock, or an exception for what a user wrote.
/// </summary>
public static class ApiKinds
{
    /// <summary>
    /// All kinds, in the order they are documented. This is the one place where a kind is switched on: one with
    /// <see cref="ApiKind.NotYet"/> is stored, validated and told that nothing happens; without it the operator has a controller
    /// for it, and the list of its fields that work stands in <see cref="SupportedFields"/>.
    /// </summary>
    public static IReadOnlyList<ApiKind> Table { get; } =
    [
        new ApiKindOf<V1VirtualService, VirtualServiceSpec>(VirtualServiceValidator.Validate, UnsupportedFieldsFinder.Find),
        new ApiKindOf<V1DestinationRule, DestinationRuleSpec>(DestinationRuleValidator.Validate, UnsupportedFieldsFinder.Find),
        new ApiKindOf<V1ServiceEntry, ServiceEntrySpec>(ServiceEntryValidator.Validate, UnsupportedFieldsFinder.Find),
        new ApiKindOf<V1WorkloadEntry, WorkloadEntrySpec>(WorkloadEntryValidator.Validate, UnsupportedFieldsFinder.Find),
        new ApiKindOf<V1Sidecar, SidecarSpec>(SidecarValidator.Validate, UnsupportedFieldsFinder.Find),
        new ApiKindOf<V1WorkloadGroup, WorkloadGroupSpec>(WorkloadGroupValidator.Validate) { NotYet = "No WorkloadEntry is made from it, and nothing is asked." },
        new ApiKindOf<V1Gateway, GatewaySpec>(GatewayValidator.Validate) { NotYet = "No port is opened for it." },
        new ApiKindOf<V1ProxyConfig, ProxyConfigSpec>(ProxyConfigResourceValidator.Validate, UnsupportedFieldsFinder.Find),
        new ApiKindOf<V1EnvoyFilter, EnvoyFilterSpec>(EnvoyFilterValidator.Validate) { NotYet = "Mesh's sidecar is no Envoy, so no patch is applied." },
        new ApiKindOf<V1PeerAuthentication, PeerAuthenticationSpec>(PeerAuthenticationValidator.Validate),
        new ApiKindOf<V1AuthorizationPolicy, AuthorizationPolicySpec>(AuthorizationPolicyValidator.Validate) { NotYet = "No request is denied or asked about because of it." },
        new ApiKindOf<V1RequestAuthentication, RequestAuthenticationSpec>(RequestAuthenticationValidator.Validate) { NotYet = "No token is looked at." },
        new ApiKindOf<V1Telemetry, TelemetrySpec>(TelemetryValidator.Validate) { NotYet = "Access logs follow the mesh's settings; nothing else is sent." },
        new ApiKindOf<V1WasmPlugin, WasmPluginSpec>(WasmPluginValidator.Validate) { NotYet = "The sidecar runs no WebAssembly, so traffic passes as without it." },
        new ApiKindOf<V1TrafficExtension, TrafficExtensionSpec>(TrafficExtensionValidator.Validate) { NotYet = "The sidecar runs neither WebAssembly nor Lua, so traffic passes as without it." },
        new ApiKindOf<V1HealthCheck, HealthCheckSpec>(HealthCheckValidator.Validate),
    ];

    /// <summary>Entity types, in the same order.</summary>
    public static IReadOnlyList<Type> All { get; } = [.. Table.Select(kind => kind.EntityType)];

    /// <summary>A kind by its name; <c>null</c> if there is none.</summary>
    public static ApiKind? Named(string kind) => Table.FirstOrDefault(known => known.Kind == kind);
}
