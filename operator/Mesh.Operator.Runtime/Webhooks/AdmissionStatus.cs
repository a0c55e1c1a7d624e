using System.Text.Json.Serialization;

namespace Mesh.Operator.Runtime;

/// <summary>Why a request was refused.</summary>
public sealed record AdmissionStatus
{
    [JsonPropertyName("code")]
    public int Code { get; init; } = 422;

    [JsonPropertyName("reason")]
    public string Reason { get; init; } = "Invalid";

    [JsonPropertyName("message")]
    public required string Message { get; init; }
}
