using YamlDotNet.RepresentationModel;

namespace Mesh.Architecture.Tests;

/// <summary>The fields of a CRD's spec as dotted paths, list items without a sign (<c>http.match.uri.exact</c>).</summary>
public static class CrdFields
{
    /// <summary>Fields of the storage version.</summary>
    public static IReadOnlyList<string> Of(string path)
    {
        var yaml = new YamlStream();
        using (var reader = File.OpenText(path)) yaml.Load(reader);
        var version = ((YamlSequenceNode)Get(yaml.Documents[0].RootNode, "spec", "versions")!).First(v => (string?)(v as YamlMappingNode)!["storage"] == "true");
        var spec = Get(version, "schema", "openAPIV3Schema", "properties", "spec")!;
        var fields = new List<string>();
        Collect(spec, "", fields);
        return fields;
    }

    private static void Collect(YamlNode schema, string path, List<string> fields)
    {
        if (Get(schema, "items") is { } items) Collect(items, path, fields);
        if (Get(schema, "additionalProperties") is YamlMappingNode values) Collect(values, path, fields);
        if (Get(schema, "properties") is not YamlMappingNode properties) return;
        foreach (var (key, value) in properties)
        {
            var field = path.Length == 0 ? key.ToString() : $"{path}.{key}";
            fields.Add(field);
            Collect(value, field, fields);
        }
    }

    private static YamlNode? Get(YamlNode node, params string[] keys)
    {
        foreach (var key in keys)
        {
            if (node is not YamlMappingNode map || !map.Children.TryGetValue(new YamlScalarNode(key), out var next)) return null;
            node = next;
        }
        return node;
    }
}
