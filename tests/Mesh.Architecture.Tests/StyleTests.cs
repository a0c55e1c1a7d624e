using System.Text.RegularExpressions;

namespace Mesh.Architecture.Tests;

/// <summary>Rules of style that a machine can read. Each failure lists all places at once.</summary>
public sealed partial class StyleTests(ITestOutputHelper output)
{
    private const int LongFile = 300;
    private const int TooLongFile = 420;

    private static IEnumerable<(ProjectFile Project, SourceFile File)> Product =>
        ProjectFile.All.Where(p => !p.IsTest).SelectMany(p => p.Sources().Select(file => (p, file)));

    private static IEnumerable<(ProjectFile Project, SourceFile File)> Everything =>
        ProjectFile.All.SelectMany(p => p.Sources().Select(file => (p, file)));

    [Fact]
    public void One_public_type_a_file_and_the_file_bears_its_name()
    {
        var wrong = new List<string>();
        foreach (var (_, file) in Product)
        {
            var types = file.TopLevelTypes().Where(type => type.Public).Select(type => type.Name).Distinct().ToList();
            if (types.Count > 1) wrong.Add($"{file.Path}: {string.Join(", ", types)}");
            else if (types.Count == 1 && Path.GetFileName(file.Path).Split('.')[0] != types[0]) wrong.Add($"{file.Path}: holds {types[0]}");
        }
        Places.AssertNone(wrong);
    }

    [Fact]
    public void Namespaces_are_file_scoped_and_follow_the_folders()
    {
        var wrong = new List<string>();
        foreach (var (project, file) in Everything)
        {
            if (file.TopLevelTypes().Count == 0) continue;
            var folder = Path.GetDirectoryName(file.InProject)!.Replace('/', '.');
            var expected = folder.Length == 0 ? project.RootNamespace : $"{project.RootNamespace}.{folder}";
            if (file.Namespace() is not { } found) wrong.Add($"{file.Path}: no file-scoped namespace");
            // A namespace may stop above its folder: folders then only sort the files of one thing.
            else if (found != expected && !expected.StartsWith(found + ".", StringComparison.Ordinal)) wrong.Add($"{file.Path}: {found}, expected {expected}");
        }
        Places.AssertNone(wrong);
    }

    [Fact]
    public void No_name_says_nothing()
    {
        // Kubernetes' own word for who owns an object's fields.
        string[] given = ["operator/Mesh.Local/ApiServer/ManagedFields/Manager.cs"];
        var wrong = Everything.Where(pair => !given.Contains(pair.File.Path)).SelectMany(pair => pair.File.Types().Where(name => EmptyName().IsMatch(name)).Select(name => $"{pair.File.Path}: {name}"));
        Places.AssertNone(wrong);
    }

    [Fact]
    public void Files_are_short()
    {
        var lengths = Product.Select(pair => (pair.File.Path, pair.File.Lines.Length)).OrderByDescending(file => file.Length).ToList();
        foreach (var (path, length) in lengths.Where(file => file.Length > LongFile))
            output.WriteLine($"more than {LongFile} lines, a noun may be missing: {path} ({length})");
        // Entities hold every field of Istio's API with its documentation, one kind a file.
        Places.AssertNone(lengths.Where(file => file.Length > TooLongFile && !Path.GetFileName(file.Path).StartsWith("V1", StringComparison.Ordinal))
            .Select(file => $"{file.Path}: {file.Length} lines"));
    }

    [Fact]
    public void Everything_is_caught_only_where_a_comment_says_why()
    {
        var wrong = new List<string>();
        foreach (var (_, file) in Product)
            for (var i = 0; i < file.Lines.Length; i++)
                if (CatchAll().IsMatch(file.Lines[i]) && !SaysWhyOrThrowsOn(file.Lines, i))
                    wrong.Add($"{file.Path}:{i + 1}");
        Places.AssertNone(wrong);
    }

    // To undo something and throw on needs no reason, nor does the one place of a loop that backs off and tries again.
    private static bool SaysWhyOrThrowsOn(string[] lines, int at) =>
        lines[Math.Max(0, at - 8)..Math.Min(lines.Length, at + 5)].Any(line => line.Contains("//", StringComparison.Ordinal))
        || lines[at..Math.Min(lines.Length, at + 10)].Any(line => line.Trim() == "throw;" || line.Contains("pause = ", StringComparison.Ordinal));

    [Fact]
    public void Tests_wait_for_events_and_never_sleep()
    {
        var wrong = ProjectFile.All.Where(p => p.Name.EndsWith(".Tests", StringComparison.Ordinal)).SelectMany(p => p.Sources())
            .SelectMany(file => file.Lines.Select((line, i) => (line, i)).Where(pair => pair.line.Contains("Thread" + ".Sleep(", StringComparison.Ordinal)).Select(pair => $"{file.Path}:{pair.i + 1}"));
        Places.AssertNone(wrong);
    }

    [GeneratedRegex("(Manager|Helper|Helpers|Util|Utils|Utility|Utilities|Common|Info|Impl|Base)$")]
    private static partial Regex EmptyName();

    [GeneratedRegex(@"catch\s*(\(Exception(\s+\w+)?\))?\s*(\{.*)?$")]
    private static partial Regex CatchAll();
}
