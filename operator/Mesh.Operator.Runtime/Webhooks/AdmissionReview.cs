using System.Text.Json.Serialization;

namespace Mesh.Operator.Runtime;

/// <summary>The envelope of admission.k8s.io/v1, both ways (KubernetesClient has no model of it).</summary>
public sealed record AdmissionReview
{
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; init; } = "admission.k8s.io/v1";

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = "AdmissionReview";

    [JsonPropertyName("request")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AdmissionRequest? Request { get; init; }

    [JsonPropertyName("response")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AdmissionResponse? Response { get; init; }
}
