using System.Text.Json.Nodes;

namespace Mesh.Local.Tests.ApiServer;

/// <summary>What the server said.</summary>
public sealed record ApiAnswer(int Status, string Text, IReadOnlyList<string> Warnings)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Message => Json["message"]?.GetValue<string>() ?? "";

    public string Reason => Json["reason"]?.GetValue<string>() ?? "";
}
