using System.Text.Json.Nodes;
using Mesh.Local.ApiServer.Json;

namespace Mesh.Local;

/// <summary>The documents of a YAML or JSON text, read as the API server reads them.</summary>
public static class YamlDocuments
{
    /// <summary>Each document with the line it begins at; what cannot be read ends the list, and the problem says where and why.</summary>
    public static (IReadOnlyList<(int Line, JsonNode? Content)> Documents, string? Problem) Read(string text)
    {
        var (documents, problem) = YamlReader.ReadAll(text);
        return (documents, problem is null ? null : $"{problem.Start.Line}: {problem.Message}");
    }
}
