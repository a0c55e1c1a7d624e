using Mesh.Api.Health;
using Mesh.Api.Networking;
using Mesh.Api.Security;
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
        new ApiKindOf<V1PeerAuthentication, PeerAuthenticationSpec>(PeerAuthenticationValidator.Validate),
        new ApiKindOf<V1HealthCheck, HealthCheckSpec>(HealthCheckValidator.Validate) { NotYet = "No member is asked, and all count as healthy." },
    ];

    /// <summary>Entity types, in the same order.</summary>
    public static IReadOnlyList<Type> All { get; } = [.. Table.Select(kind => kind.EntityType)];

    /// <summary>A kind by its name; <c>null</c> if there is none.</summary>
    public static ApiKind? Named(string kind) => Table.FirstOrDefault(known => known.Kind == kind);
}
