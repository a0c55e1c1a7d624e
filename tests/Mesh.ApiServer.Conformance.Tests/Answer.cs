using System.Text.Json.Nodes;

namespace Mesh.ApiServer.Conformance.Tests;

/// <summary>What a server said.</summary>
public sealed record Answer(int Status, string Text, IReadOnlyList<string> Warnings)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Message => Json["message"]?.GetValue<string>() ?? "";

    public string Reason => Json["reason"]?.GetValue<string>() ?? "";

    /// <summary>The causes of a refusal, as <c>reason field: message</c>.</summary>
    public IReadOnlyList<string> Causes =>
        [.. (Json["details"]?["causes"]?.AsArray() ?? []).Select(cause => $"{cause!["reason"]} {cause["field"]}: {cause["message"]}")];

    public override string ToString() => $"{Status} {Text}";
}
