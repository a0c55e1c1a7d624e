using Mesh.Api.Networking;

namespace Mesh.Api;

/// <summary>The kinds of the mesh's API, in the order they are documented.</summary>
public static class ApiKinds
{
    /// <summary>Entity types.</summary>
    public static IReadOnlyList<Type> All { get; } = [typeof(V1VirtualService), typeof(V1DestinationRule)];
}
