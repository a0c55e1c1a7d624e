using Mesh.Operator.Core.Injection;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Identity;

/// <summary>
/// The namespaces that hold <c>mesh-root</c>: those that ask for sidecars (so that it is there before the first pod), and
/// those with a pod of the mesh (which mounts it, whatever its namespace says by now).
/// </summary>
public static class TrustNamespaces
{
    /// <param name="snapshot">The cluster.</param>
    /// <param name="scope">Whom the injector answers.</param>
    /// <param name="expected">Namespaces of pods that were just admitted and may not be seen yet.</param>
    public static IReadOnlySet<string> Of(MeshSnapshot snapshot, InjectionScope scope, IEnumerable<string> expected)
    {
        var wanted = new SortedSet<string>(snapshot.Namespaces.Values.Where(one => scope.Asks(one.Labels)).Select(one => one.Name), StringComparer.Ordinal);
        foreach (var workload in snapshot.Workloads.Values)
            if (workload.IsInMesh) wanted.Add(workload.Key.Namespace);
        wanted.UnionWith(expected);
        return wanted;
    }
}
