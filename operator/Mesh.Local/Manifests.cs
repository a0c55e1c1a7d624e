using System.Collections.Immutable;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mesh.Local;

/// <summary>Reads manifests from files and directories: YAML or JSON, several documents a file, Lists taken apart.</summary>
public static class Manifests
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <exception cref="ManifestException">A path does not exist or a file cannot be read as manifests.</exception>
    public static ImmutableArray<Manifest> Read(IEnumerable<string> paths) =>
        [.. paths.SelectMany(Files).SelectMany(file => Parse(File.ReadAllText(file), file))];

    public static IEnumerable<Manifest> Parse(string text, string source)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new ManifestException($"{source}:{e.Start.Line}: {e.Message}");
        }

        return [.. stream.Documents.Select(d => Convert(d.RootNode)).OfType<JsonObject>().SelectMany(Items).Select(o => Check(o, source))];
    }

    private static IEnumerable<string> Files(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path)) throw new ManifestException($"{path}: there is no such file or directory");
        return Directory.GetFiles(path)
            .Where(f => Extensions.Contains(Path.GetExtension(f)) && !Path.GetFileName(f).StartsWith("kustomization", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<JsonObject> Items(JsonObject document) =>
        document["kind"]?.GetValue<string>() is { } kind && kind.EndsWith("List", StringComparison.Ordinal) && document["items"] is JsonArray items
            ? items.OfType<JsonObject>().Select(i => (JsonObject)i.DeepClone())
            : [document];

    private static Manifest Check(JsonObject document, string source)
    {
        var version = Text(document["apiVersion"]);
        var kind = Text(document["kind"]);
        var name = Text(document["metadata"]?["name"]);
        if (version is null || kind is null || name is null) throw new ManifestException($"{source}: a document lacks apiVersion, kind or metadata.name");
        return new Manifest(version, kind, Text(document["metadata"]!["namespace"]), name, document, source);
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", Convert(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => null,
    };

    /// <summary>Plain scalars by YAML 1.1 as Kubernetes reads it, but for yes/no/on/off, which kubectl's reader leaves text in JSON.</summary>
    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any) || scalar.Tag == "tag:yaml.org,2002:str") return JsonValue.Create(text);
        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            _ when char.IsAsciiDigit(text[^1]) && double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }
}
