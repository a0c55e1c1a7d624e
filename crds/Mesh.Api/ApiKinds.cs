using Mesh.Api.Networking;
using Mesh.Api.Security;

namespace Mesh.Api;

/// <summary>
/// The kinds of the mesh's API. What enters this project is a resource as the user wrote it; what leaves is its typed form
/// and findings about it; never I/O, a clock, or an exception for what a user wrote.
/// </summary>
public static class ApiKinds
{
    /// <summary>Entity types, in the order they are documented.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        typeof(V1VirtualService), typeof(V1DestinationRule), typeof(V1ServiceEntry), typeof(V1WorkloadEntry), typeof(V1Sidecar),
        typeof(V1PeerAuthentication),
    ];
}
