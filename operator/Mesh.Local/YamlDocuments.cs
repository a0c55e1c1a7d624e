using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local;

/// <summary>The documents of a YAML or JSON text, read as the API server reads them.</summary>
public static partial class YamlDocuments
{
    /// <summary>Each document that can be read, and what is wrong with each that cannot: one does not hide the others.</summary>
    public static (IReadOnlyList<YamlDocument> Documents, IReadOnlyList<string> Problems) Read(string text)
    {
        var (documents, problem) = YamlReader.ReadAll(text);
        if (problem is null)
            return ([.. documents.Select(document => new YamlDocument(document.Line, document.Node, document.Repeated))], []);

        // Where one breaks off, a reader of the whole cannot tell where the next begins; a line of three dashes can.
        var found = new List<YamlDocument>();
        var problems = new List<string>();
        var linesBefore = 0;
        foreach (var part in Split(text))
        {
            Part(part, linesBefore, found, problems);
            linesBefore += part.AsSpan().Count('\n');
        }

        return (found, problems);
    }

    /// <summary>An object as YAML, its fields in the order of their names.</summary>
    public static string Write(JsonNode content) => YamlText.Write(JsonSerializer.SerializeToElement(content));

    /// <summary>
    /// The texts of the documents, in their order and to the letter: put together they are the whole. A line of three dashes
    /// begins one, wherever it stands, and belongs to it.
    /// </summary>
    public static IEnumerable<string> Split(string text)
    {
        var begin = 0;
        foreach (var end in Separators().Matches(text).Select(separator => separator.Index).Where(index => index > 0).Append(text.Length))
        {
            yield return text[begin..end];
            begin = end;
        }
    }

    private static void Part(string text, int linesBefore, List<YamlDocument> found, List<string> problems)
    {
        var (documents, problem) = YamlReader.ReadAll(text);
        found.AddRange(documents.Select(document => new YamlDocument(document.Line + linesBefore, document.Node, [.. document.Repeated.Select(key => (key.Line + linesBefore, key.Key))])));
        if (problem is not null)
            problems.Add($"{problem.Start.Line + linesBefore}: {problem.Message}");
    }

    [GeneratedRegex(@"^---(?=\s|$)", RegexOptions.Multiline)]
    private static partial Regex Separators();
}
