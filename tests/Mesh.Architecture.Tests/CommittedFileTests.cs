using System.Text.RegularExpressions;
using Mesh.Testing;

namespace Mesh.Architecture.Tests;

/// <summary>What may stand in committed files.</summary>
public sealed partial class CommittedFileTests
{
    private static readonly string[] Text = [".cs", ".csproj", ".props", ".md", ".sh", ".yaml", ".yml", ".json", ".txt", ".css", ".slnf", ".sln", ""];

    private static IEnumerable<(string Path, string[] Lines)> Committed()
    {
        var listing = Command.Run("git", ["-C", Repository.Root, "ls-files"]);
        Needs.Require("git", listing.ExitCode == 0, "needs a git clone to know which files are committed");
        return listing.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(path => Text.Contains(System.IO.Path.GetExtension(path)) && File.Exists(Repository.Path(path)))
            .Select(path => (path, File.ReadAllLines(Repository.Path(path))));
    }

    [Fact]
    public void No_file_names_a_path_of_someones_machine_or_the_host_of_a_package_registry()
    {
        var wrong = Committed().SelectMany(file => file.Lines.Select((line, i) => (line, i))
            .Where(pair => MachinePath().IsMatch(pair.line) || RegistryHost().IsMatch(pair.line))
            .Select(pair => $"{file.Path}:{pair.i + 1}: {pair.line.Trim()}"));
        Places.AssertNone(wrong);
    }

    [Fact]
    public void Files_end_with_a_newline_and_have_no_trailing_blanks()
    {
        var wrong = Committed().Where(file => !file.Path.EndsWith(".golden", StringComparison.Ordinal) && !file.Path.Contains("/testdata/", StringComparison.Ordinal) && file.Path != "LICENSE" && !file.Path.EndsWith(".sln", StringComparison.Ordinal))
            .SelectMany(file => file.Lines.Select((line, i) => (line, i))
                .Where(pair => pair.line.EndsWith(' ') && pair.line.Trim().Length > 0 || pair.line.EndsWith('\t'))
                .Select(pair => $"{file.Path}:{pair.i + 1}"));
        Places.AssertNone(wrong);
    }

    // Written in pieces, so that this file does not find itself.
    [GeneratedRegex("(?<![\\w$}])/(ro" + "ot|ho" + "me/[a-z]+|wo" + "rk)/(?!\\.\\.\\.)[a-zA-Z.]")]
    private static partial Regex MachinePath();

    [GeneratedRegex("api\\.nu" + "get\\.org|deb\\.deb" + "ian\\.org|registry\\.np" + "mjs|packages\\.cloud\\.goo" + "gle|pypi\\.o" + "rg|gcr\\.i" + "o|quay\\.i" + "o")]
    private static partial Regex RegistryHost();
}
