namespace Mesh.Testing;

/// <summary>Where this clone lies, found from the running test upwards by its solution file.</summary>
public static class Repository
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root.</summary>
    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(System.IO.Path.Combine(directory.FullName, "Mesh.Operator.sln")))
                return directory.FullName;
        throw new InvalidOperationException($"no Mesh.Operator.sln above {AppContext.BaseDirectory}");
    }
}
