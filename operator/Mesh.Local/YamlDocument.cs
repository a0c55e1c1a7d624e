using System.Text.Json.Nodes;

namespace Mesh.Local;

/// <summary>One document of a text.</summary>
/// <param name="Line">Where it begins.</param>
/// <param name="Content">What it says; null when it is empty.</param>
/// <param name="RepeatedKeys">Keys that a map of it gives twice, of which the last counts, each with its line.</param>
public sealed record YamlDocument(int Line, JsonNode? Content, IReadOnlyList<(int Line, string Key)> RepeatedKeys);
