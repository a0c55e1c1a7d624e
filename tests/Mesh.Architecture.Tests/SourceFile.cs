using System.Text.RegularExpressions;

namespace Mesh.Architecture.Tests;

/// <summary>A C# file; declarations are read from its lines, which the house style keeps regular.</summary>
public sealed partial record SourceFile(string Path, string InProject, string Text)
{
    public string[] Lines { get; } = Text.Split('\n');

    /// <summary>Names of the types at the top level, with whether they are public.</summary>
    public IReadOnlyList<(string Name, bool Public)> TopLevelTypes() =>
        [.. TopLevelType().Matches(Text).Select(match => (match.Groups["name"].Value, match.Groups["access"].Value == "public"))];

    /// <summary>Names of all types, nested ones too.</summary>
    public IReadOnlyList<string> Types() => [.. AnyType().Matches(Text).Select(match => match.Groups["name"].Value)];

    /// <summary>The file-scoped namespace, or null.</summary>
    public string? Namespace() => FileNamespace().Match(Text) is { Success: true } match ? match.Groups["name"].Value : null;

    private const string Declaration =
        "(?<access>public|internal|private|protected|file)? ?((static|sealed|abstract|readonly|partial|ref|unsafe) )*(record struct|record class|record|class|struct|interface|enum) (?<name>[A-Z]\\w*)";

    [GeneratedRegex("^" + Declaration, RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    [GeneratedRegex("^ *" + Declaration, RegexOptions.Multiline)]
    private static partial Regex AnyType();

    [GeneratedRegex("^namespace (?<name>[\\w.]+);", RegexOptions.Multiline)]
    private static partial Regex FileNamespace();
}
