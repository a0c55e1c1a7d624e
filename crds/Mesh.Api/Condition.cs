using System.Text.Json.Serialization;

namespace Mesh.Api;

/// <summary>One statement about an object in its status, in the form all of Kubernetes uses (<c>metav1.Condition</c>).</summary>
public sealed record Condition
{
    /// <summary>What is stated, one of <see cref="ConditionTypes"/>: <c>Accepted</c>, <c>ResolvedRefs</c>, <c>Programmed</c>, <c>Ready</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Whether it holds: <c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [System.ComponentModel.DataAnnotations.AllowedValues("True", "False", "Unknown")]
    public required string Status { get; init; }

    /// <summary>One word that says why, one of <see cref="ConditionReasons"/>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>One or two sentences for a person: what, where, and what to do.</summary>
    public string Message { get; init; } = "";

    /// <summary>The <c>metadata.generation</c> this statement is about; an older number says it is out of date.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ObservedGeneration { get; init; }

    /// <summary>When <c>status</c> last changed.</summary>
    [JsonConverter(typeof(TimestampConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>When it was last looked at; Istio writes it, Mesh leaves it as it is.</summary>
    [JsonConverter(typeof(TimestampConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? LastProbeTime { get; init; }
}
