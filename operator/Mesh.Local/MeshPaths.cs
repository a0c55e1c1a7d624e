using System.Collections.Immutable;

namespace Mesh.Local;

/// <summary>Where things lie: the project's programs and manifests, and the state of one mesh.</summary>
public sealed record MeshPaths
{
    /// <summary>The directory that holds bin/, crds/ and config/.</summary>
    public required string Root { get; init; }

    /// <summary>The directory of all meshes' states, <c>.mesh</c> in the root.</summary>
    public required string AllState { get; init; }

    public required string Name { get; init; }

    public const string DefaultName = "mesh";

    public string Programs => Path.Combine(Root, "bin");

    public string Crds => Path.Combine(Root, "crds");

    /// <summary>The operator's ServiceAccount, what it may do and what bounds that: as on a cluster.</summary>
    public ImmutableArray<string> Rights => [Path.Combine(Root, "config", "rbac"), Path.Combine(Root, "config", "policy")];

    public string Bookinfo => Path.Combine(Root, "config", "samples", "bookinfo");

    /// <summary>Everything of this mesh, private to its owner.</summary>
    public string State => Path.Combine(AllState, Name);

    /// <summary>For kubectl on this machine.</summary>
    public string Kubeconfig => Path.Combine(State, "kubeconfig");

    /// <summary>For the operator, which runs inside the node's namespace.</summary>
    public string OperatorKubeconfig => Path.Combine(State, "operator.kubeconfig");

    /// <summary>For the agents of several nodes, each from inside its own network.</summary>
    public string NodeKubeconfig => Path.Combine(State, "node.kubeconfig");

    /// <summary>The kubeconfig of the default mesh again, where it is quickly typed.</summary>
    public string? ShortKubeconfig => Name == DefaultName ? Path.Combine(AllState, "kubeconfig") : null;

    /// <summary>What `mesh up --keep` keeps over restarts: the objects, and what they were made for.</summary>
    public string Kept => Path.Combine(State, "kept");

    public string Record => Path.Combine(State, "mesh.json");

    public string Lock => Path.Combine(State, "lock");

    public string Log => Path.Combine(State, "mesh.log");

    public string OperatorLog => Path.Combine(State, "operator.log");

    /// <summary>The mesh's name among the machine's control groups; meshes of one name in two places differ.</summary>
    public string CgroupName => $"mesh-{Name}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(State)), 0, 4)}";

    /// <summary>Where the mesh's control groups are, for who clears up after it.</summary>
    public string Cgroups => Path.Combine(State, "cgroups");

    /// <summary>Where `mesh fault` is heard while the mesh runs.</summary>
    public string FaultSocket => Path.Combine(State, "faults.sock");

    public string Node => Path.Combine(State, "node");

    /// <summary>
    /// The paths of the mesh <paramref name="name"/>: the clone this program was built in, or MESH_ROOT; state in .mesh there, or MESH_HOME.
    /// </summary>
    public static MeshPaths For(string name)
    {
        var root = Environment.GetEnvironmentVariable("MESH_ROOT") is { Length: > 0 } given ? given : FindRoot();
        var state = Environment.GetEnvironmentVariable("MESH_HOME") is { Length: > 0 } home ? home : Path.Combine(root, ".mesh");
        return new MeshPaths { Root = Path.GetFullPath(root), AllState = Path.GetFullPath(state), Name = name };
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (Directory.Exists(Path.Combine(directory.FullName, "crds")) && Directory.Exists(Path.Combine(directory.FullName, "config"))) return directory.FullName;
        }

        return Directory.GetCurrentDirectory();
    }
}
