namespace Mesh.Cli.Files;

/// <summary>What a user names with -f: files, directories with all below them, and <c>-</c> for standard input.</summary>
internal static class Sources
{
    public const string StandardInput = "-";

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>In the order of the paths and of the files' names, those that cannot be read among them.</summary>
    public static IEnumerable<Source> Read(IEnumerable<string> paths, TextReader input) => paths.SelectMany(path =>
        path == StandardInput ? [new Source(path, input.ReadToEnd())]
        : File.Exists(path) ? [ReadFile(path)]
        : Directory.Exists(path) ? Below(path).Select(ReadFile)
        : (IEnumerable<Source>)[new Source(path, "", "there is no such file or directory")]);

    // What kustomize is told is not for an API server; what begins with a dot is not for readers.
    private static IEnumerable<string> Below(string directory) =>
        Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })
            .Where(file => Extensions.Contains(Path.GetExtension(file)) && !Path.GetFileName(file).StartsWith("kustomization.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static Source ReadFile(string path)
    {
        try
        {
            return new Source(path, File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Source(path, "", e.Message);
        }
    }
}
