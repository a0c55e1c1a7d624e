using YamlDotNet.Serialization;

namespace Mesh.Api.Generator;

/// <summary>Writes YAML as kubectl's users know it.</summary>
public static class Yaml
{
    private const string Head = "# Generated from crds/Mesh.Api by `make manifests`. Do not edit.\n";

    private static readonly ISerializer Serializer = new SerializerBuilder()
        .WithQuotingNecessaryStrings()
        .WithIndentedSequences()
        .DisableAliases()
        .WithNewLine("\n")
        .Build();

    /// <summary>The text of one document.</summary>
    public static string Write(YamlMap document) => Head + Serializer.Serialize(document);
}
