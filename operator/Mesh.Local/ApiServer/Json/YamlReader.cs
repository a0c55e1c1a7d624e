using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Mesh.Local.ApiServer.Json;

/// <summary>
/// The first document of a YAML text as JSON. Aliases are copied, within bounds (a text that unfolds without end is refused);
/// of a key given twice the last one counts, and the line is told.
/// </summary>
internal sealed class YamlReader
{
    private const int MostNodes = 1_000_000;
    private readonly Parser parser;
    private readonly Action<int, string>? repeated;
    private readonly Dictionary<AnchorName, JsonNode?> anchors = [];
    private int depth;
    private int nodes;

    private YamlReader(string text, Action<int, string>? repeated)
    {
        parser = new Parser(new StringReader(text));
        this.repeated = repeated;
    }

    /// <exception cref="YamlException">The text is not YAML, or not such that JSON could say it.</exception>
    public static JsonNode? Read(string text, List<string>? repeated = null)
    {
        var reader = new YamlReader(text, repeated is null ? null : (line, key) => repeated.Add($"line {line.ToString(CultureInfo.InvariantCulture)}: key \"{key}\" already set in map"));
        try
        {
            reader.parser.Consume<StreamStart>();
            if (!reader.parser.TryConsume<DocumentStart>(out _))
                return null;
            var node = reader.Node();
            reader.parser.Consume<DocumentEnd>();
            return node;
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException)
        {
            throw reader.Unreadable(broken);
        }
    }

    /// <summary>Every document and the line it begins at, up to the one that is no YAML; that one's complaint beside them.</summary>
    public static (IReadOnlyList<(int Line, JsonNode? Node, IReadOnlyList<(int Line, string Key)> Repeated)> Documents, YamlException? Problem) ReadAll(string text)
    {
        var documents = new List<(int, JsonNode?, IReadOnlyList<(int, string)>)>();
        var repeated = new List<(int Line, string Key)>();
        var reader = new YamlReader(text, (line, key) => repeated.Add((line, key)));
        try
        {
            reader.parser.Consume<StreamStart>();
            while (reader.parser.TryConsume<DocumentStart>(out _))
            {
                reader.anchors.Clear();
                var line = reader.parser.Current is { } first ? (int)first.Start.Line : 0;
                repeated.Clear();
                var node = reader.Node();
                documents.Add((line, node, [.. repeated]));
                reader.parser.Consume<DocumentEnd>();
            }

            return (documents, null);
        }
        catch (YamlException problem)
        {
            return (documents, problem);
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException)
        {
            return (documents, reader.Unreadable(broken));
        }
    }

    /// <summary>A reader's complaint as Go's YAML library words it: the line, and what was not found.</summary>
    public static string Describe(YamlException problem)
    {
        var comma = problem.Message.StartsWith("While ", StringComparison.Ordinal) ? problem.Message.IndexOf(", ", StringComparison.Ordinal) : -1;
        var text = (comma < 0 ? problem.Message : problem.Message[(comma + 2)..]).TrimEnd('.');
        // Go's parser counts lines from zero where its scanner counts from one.
        var line = problem is SyntaxErrorException ? problem.Start.Line : problem.Start.Line - 1;
        return "yaml: " + (line > 0 ? $"line {line.ToString(CultureInfo.InvariantCulture)}: " : "") + text;
    }

    // The parser throws these where a list in brackets ends in a key of the map around it, and for a tag that is no URI.
    private SyntaxErrorException Unreadable(Exception broken)
    {
        var at = parser.Current?.End ?? Mark.Empty;
        return new SyntaxErrorException(at, at, broken is ArgumentException ? "While scanning a tag, did not find expected tag URI." : "While parsing a flow node, did not find expected ',' or closing bracket.");
    }

    private JsonNode? Node()
    {
        var at = parser.Current?.Start ?? Mark.Empty;
        if (++nodes > MostNodes)
            throw new YamlException(at, at, "document contains excessive aliasing");
        if (parser.TryConsume<AnchorAlias>(out var alias))
            return Copy(alias);
        if (parser.TryConsume<Scalar>(out var scalar))
            return Keep(scalar.Anchor, Of(scalar));
        if (depth >= JsonAccess.Deepest)
            throw new YamlException(at, at, "exceeded max depth");
        depth++;
        var node = parser.TryConsume<SequenceStart>(out var list) ? Keep(list.Anchor, List()) : Keep(parser.Consume<MappingStart>().Anchor, Map());
        depth--;
        return node;
    }

    private JsonArray List()
    {
        var list = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _))
            list.Add(Node());
        return list;
    }

    private JsonObject Map()
    {
        var map = new JsonObject();
        var own = new HashSet<string>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key))
                throw new YamlException(parser.Current!.Start, parser.Current.End, "invalid map key");
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
            {
                Inherit(map, Node());
                continue;
            }

            if (!own.Add(key.Value))
                repeated?.Invoke((int)key.Start.Line, key.Value);
            map[Clean(key.Value)] = Node();
        }

        return map;
    }

    /// <summary>What a merge key brings gives way to what the map says itself.</summary>
    private static void Inherit(JsonObject map, JsonNode? from)
    {
        foreach (var source in from is JsonArray several ? several.OfType<JsonObject>() : [from as JsonObject ?? []])
        {
            foreach (var (name, value) in source)
            {
                if (!map.ContainsKey(name))
                    map[name] = value?.DeepClone();
            }
        }
    }

    private JsonNode? Copy(AnchorAlias alias)
    {
        if (!anchors.TryGetValue(alias.Value, out var known))
            throw new YamlException(alias.Start, alias.End, $"unknown anchor '{alias.Value}' referenced");
        nodes += Size(known);
        if (nodes > MostNodes)
            throw new YamlException(alias.Start, alias.End, "document contains excessive aliasing");
        return known?.DeepClone();
    }

    private JsonNode? Keep(AnchorName anchor, JsonNode? node)
    {
        if (!anchor.IsEmpty)
            anchors[anchor] = node?.DeepClone();
        return node;
    }

    private static JsonNode? Of(Scalar scalar)
    {
        var isText = scalar.Style != ScalarStyle.Plain || scalar.Tag is { IsEmpty: false, IsNonSpecific: false, Value: "tag:yaml.org,2002:str" };
        try
        {
            return isText ? JsonValue.Create(Clean(scalar.Value)) : YamlText.Plain(scalar.Value);
        }
        catch (OverflowException)
        {
            throw new YamlException(scalar.Start, scalar.End, $"cannot unmarshal {scalar.Value} into a number");
        }
    }

    /// <summary>An escaped half of a surrogate pair is no text.</summary>
    private static string Clean(string text) =>
        text.Any(char.IsSurrogate) ? System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) : text;

    private static int Size(JsonNode? node) => node switch
    {
        JsonObject map => 1 + map.Sum(pair => Size(pair.Value)),
        JsonArray list => 1 + list.Sum(Size),
        _ => 1,
    };
}
