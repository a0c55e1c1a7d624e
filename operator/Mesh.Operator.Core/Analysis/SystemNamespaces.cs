using System.Collections.Frozen;
using Mesh.Api;

namespace Mesh.Operator.Core.Analysis;

/// <summary>Namespaces whose objects come with the cluster or the mesh: nobody can rename their ports or wants sidecars there.</summary>
internal static class SystemNamespaces
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal, "kube-system", "kube-public", "kube-node-lease", "local-path-storage", MeshNames.SystemNamespace, MeshNames.RootNamespace);

    public static bool Contains(string name) => Names.Contains(name);
}
