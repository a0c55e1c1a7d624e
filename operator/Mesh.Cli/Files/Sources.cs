namespace Mesh.Cli.Files;

/// <summary>What a user names with -f: files, directories with all below them, and <c>-</c> for standard input.</summary>
internal sealed class Sources
{
    public const string StandardInput = "-";

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    private readonly List<Source> all = [];

    private readonly List<string> unreadable = [];

    private Sources()
    {
    }

    /// <summary>In the order of the paths and of the files' names.</summary>
    public IReadOnlyList<Source> All => all;

    /// <summary>What could not be read and why, a line each.</summary>
    public IReadOnlyList<string> Unreadable => unreadable;

    public static Sources Read(IEnumerable<string> paths, TextReader input)
    {
        var read = new Sources();
        foreach (var path in paths)
        {
            if (path == StandardInput) read.all.Add(new Source(path, input.ReadToEnd()));
            else if (File.Exists(path)) read.ReadFile(path);
            else if (Directory.Exists(path)) foreach (var file in Below(path)) read.ReadFile(file);
            else read.unreadable.Add($"{path}: there is no such file or directory");
        }

        return read;
    }

    // What kustomize is told is not for an API server; what begins with a dot is not for readers.
    private static IEnumerable<string> Below(string directory) =>
        Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })
            .Where(file => Extensions.Contains(Path.GetExtension(file)) && !Path.GetFileName(file).StartsWith("kustomization.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private void ReadFile(string path)
    {
        try
        {
            all.Add(new Source(path, File.ReadAllText(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add($"{path}: {e.Message}");
        }
    }
}
