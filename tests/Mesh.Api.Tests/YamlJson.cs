using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Mesh.Api.Tests;

/// <summary>YAML documents as JSON, scalars by YAML's core schema.</summary>
internal static class YamlJson
{
    private static readonly IDeserializer Deserializer = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();

    public static IEnumerable<JsonNode> Documents(string text)
    {
        var parser = new YamlDotNet.Core.MergingParser(new YamlDotNet.Core.Parser(new StringReader(text)));
        YamlDotNet.Core.ParserExtensions.Consume<YamlDotNet.Core.Events.StreamStart>(parser);
        while (YamlDotNet.Core.ParserExtensions.Accept<YamlDotNet.Core.Events.DocumentStart>(parser, out _))
        {
            if (ToJson(Deserializer.Deserialize<object?>(parser)) is { } document)
                yield return document;
        }
    }

    /// <summary>Group and version in which a kind is stored.</summary>
    public static string ApiVersion(string kind) => ApiKinds.Named(kind) is { } known ? $"{known.Group}/{known.Versions[0]}" : throw new ArgumentException(kind);

    public static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node);

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        Dictionary<object, object> map => new JsonObject(map.Select(p => KeyValuePair.Create(Convert.ToString(p.Key, System.Globalization.CultureInfo.InvariantCulture)!, ToJson(p.Value)))),
        List<object> list => new JsonArray([.. list.Select(ToJson)]),
        _ => JsonSerializer.SerializeToNode(value, value.GetType()),
    };
}
