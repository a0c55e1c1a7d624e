namespace Mesh.Testing;

/// <summary>Istio's own test data, kept beside the repository (<c>../shared/cases</c>) or where MESH_CASES says.</summary>
public static class SharedCases
{
    /// <summary>Where the cases lie unless MESH_CASES says otherwise.</summary>
    public static string DefaultRoot { get; } = Path.GetFullPath(Repository.Path("../shared/cases"));

    /// <summary>A folder of the cases, or null where it is missing; a test asks through <see cref="Needs.Cases"/>.</summary>
    public static string? Find(string folder)
    {
        var root = Environment.GetEnvironmentVariable("MESH_CASES") is { Length: > 0 } given ? given : DefaultRoot;
        var path = Path.Combine(root, folder);
        return Directory.Exists(path) ? path : null;
    }
}
