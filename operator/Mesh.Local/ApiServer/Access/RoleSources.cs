using System.Collections.Immutable;
using Mesh.Local.ApiServer.Storage;

namespace Mesh.Local.ApiServer.Access;

/// <summary>What is stored of roles and bindings at one moment. States never change, so the same states are the same roles.</summary>
internal sealed record RoleSources(
    ImmutableSortedDictionary<string, StoredObject> ClusterRoles,
    ImmutableSortedDictionary<string, StoredObject> Roles,
    ImmutableSortedDictionary<string, StoredObject> ClusterBindings,
    ImmutableSortedDictionary<string, StoredObject> Bindings);
