using System.Text.Json;

namespace Mesh.Cli.Files;

/// <summary>One object as a file holds it.</summary>
/// <param name="Source">The file, or <c>-</c> for standard input.</param>
/// <param name="Line">Where it begins there.</param>
/// <param name="Content">The object, as JSON.</param>
internal sealed record Document(string Source, int Line, JsonElement Content)
{
    /// <summary>Keys that a map of its document gives twice, each with its line; of what they say the last counts.</summary>
    public IReadOnlyList<(int Line, string Key)> RepeatedKeys { get; init; } = [];

    public string ApiVersion => Text("apiVersion");

    public string Kind => Text("kind");

    public string Namespace => Metadata("namespace");

    public string Name => Metadata("name");

    private string Text(string name) => Text(Content, name);

    private string Metadata(string name) =>
        Content.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object ? Text(metadata, name) : "";

    private static string Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
