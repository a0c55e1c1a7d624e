using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Operator.Runtime;

/// <summary>What the API server asks.</summary>
public sealed record AdmissionRequest
{
    [JsonPropertyName("uid")]
    public string Uid { get; init; } = "";

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("namespace")]
    public string? Namespace { get; init; }

    [JsonPropertyName("subResource")]
    public string? SubResource { get; init; }

    /// <summary>CREATE, UPDATE, DELETE or CONNECT.</summary>
    [JsonPropertyName("operation")]
    public string Operation { get; init; } = "";

    [JsonPropertyName("object")]
    public JsonElement Object { get; init; }

    [JsonPropertyName("oldObject")]
    public JsonElement OldObject { get; init; }

    [JsonPropertyName("dryRun")]
    public bool? DryRun { get; init; }
}
