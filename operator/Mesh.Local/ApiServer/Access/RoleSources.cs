using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Access;

/// <summary>What is stored of roles and bindings at one moment. States never change, so the same states are the same roles.</summary>
internal sealed record RoleSources(
    ObjectState ClusterRoles,
    ObjectState Roles,
    ObjectState ClusterBindings,
    ObjectState Bindings);
