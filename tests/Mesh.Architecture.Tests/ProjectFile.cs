using System.Xml.Linq;
using Mesh.Testing;

namespace Mesh.Architecture.Tests;

/// <summary>A project of this repository as its csproj tells it.</summary>
public sealed record ProjectFile(string Name, string Path, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages, string RootNamespace)
{
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    public bool IsTest => Path.Contains("/tests/", StringComparison.Ordinal);

    /// <summary>Every project of the solution's folders.</summary>
    public static IReadOnlyList<ProjectFile> All { get; } =
    [
        .. new[] { "crds", "sidecar", "init", "operator", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Repository.Path(folder), "*.csproj", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .Select(Read),
    ];

    /// <summary>Its own source files.</summary>
    public IEnumerable<SourceFile> Sources() => Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
        .Select(path => (Path: path, Relative: System.IO.Path.GetRelativePath(Folder, path)))
        .Where(file => !file.Relative.StartsWith("obj/", StringComparison.Ordinal) && !file.Relative.StartsWith("bin/", StringComparison.Ordinal))
        .Select(file => new SourceFile(System.IO.Path.GetRelativePath(Repository.Root, file.Path), file.Relative, File.ReadAllText(file.Path)));

    private static ProjectFile Read(string path)
    {
        var xml = XDocument.Load(path);
        var name = System.IO.Path.GetFileNameWithoutExtension(path);
        return new ProjectFile(
            name, path,
            [.. xml.Descendants("ProjectReference").Select(e => System.IO.Path.GetFileNameWithoutExtension((string)e.Attribute("Include")!))],
            [.. xml.Descendants("PackageReference").Select(e => (string)e.Attribute("Include")!)],
            (string?)xml.Descendants("RootNamespace").FirstOrDefault() ?? name);
    }
}
