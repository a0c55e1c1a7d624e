using System.Text.Json;
using System.Text.Json.Nodes;
using Mesh.Local;

namespace Mesh.Cli.Files;

/// <summary>
/// What a user names with -f: files, directories with all below them, and <c>-</c> for standard input; YAML or JSON, several
/// documents a file, Lists taken apart. What cannot be read is told beside what can, so that one bad file hides nothing.
/// </summary>
internal sealed class Documents
{
    private readonly List<Document> all = [];

    private readonly List<string> unreadable = [];

    private Documents()
    {
    }

    /// <summary>In the order of the paths, of the files' names and of the files.</summary>
    public IReadOnlyList<Document> All => all;

    /// <summary>What could not be read and why, a line each.</summary>
    public IReadOnlyList<string> Unreadable => unreadable;

    public static Documents Read(IEnumerable<string> paths, TextReader input)
    {
        var read = new Documents();
        foreach (var source in Sources.Read(paths, input))
        {
            if (source.Problem is null) read.Take(source.Text, source.Name);
            else read.unreadable.Add($"{source.Name}: {source.Problem}");
        }

        return read;
    }

    private void Take(string text, string source)
    {
        var (documents, problems) = YamlDocuments.Read(text);
        foreach (var read in documents)
        {
            var line = read.Line;
            switch (read.Content)
            {
                case null:
                    break; // nothing between two separators
                case JsonObject document:
                    foreach (var item in Items(document)) Add(item, source, line, read.RepeatedKeys);
                    break;
                default:
                    unreadable.Add($"{source}:{line}: this is no object of Kubernetes");
                    break;
            }
        }

        unreadable.AddRange(problems.Select(problem => $"{source}:{problem}"));
    }

    private void Add(JsonObject content, string source, int line, IReadOnlyList<(int Line, string Key)> repeated)
    {
        var document = new Document(source, line, JsonSerializer.SerializeToElement(content)) { RepeatedKeys = repeated };
        if (document.ApiVersion.Length == 0 || document.Kind.Length == 0) unreadable.Add($"{source}:{line}: an object lacks apiVersion or kind");
        else all.Add(document);
    }

    private static IEnumerable<JsonObject> Items(JsonObject document) =>
        document["kind"] is JsonValue kind && kind.TryGetValue<string>(out var name) && name.EndsWith("List", StringComparison.Ordinal) && document["items"] is JsonArray items
            ? items.OfType<JsonObject>().SelectMany(Items)
            : [document];
}
