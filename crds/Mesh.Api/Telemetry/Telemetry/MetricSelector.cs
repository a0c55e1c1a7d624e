using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Telemetry;

/// <summary>Which metric, on which side.</summary>
[AtMostOneOf(nameof(Metric), nameof(CustomMetric))]
public sealed record MetricSelector
{
    /// <summary>One of Istio's.</summary>
    [AllowedValues("ALL_METRICS", "REQUEST_COUNT", "REQUEST_DURATION", "REQUEST_SIZE", "RESPONSE_SIZE", "TCP_OPENED_CONNECTIONS", "TCP_CLOSED_CONNECTIONS", "TCP_SENT_BYTES", "TCP_RECEIVED_BYTES", "GRPC_REQUEST_MESSAGES", "GRPC_RESPONSE_MESSAGES")]
    public string? Metric { get; init; }

    /// <summary>Another, by its name.</summary>
    [StringLength(2048, MinimumLength = 1)]
    public string? CustomMetric { get; init; }

    /// <summary><c>CLIENT_AND_SERVER</c> (default), <c>CLIENT</c> or <c>SERVER</c>.</summary>
    [AllowedValues("CLIENT_AND_SERVER", "CLIENT", "SERVER")]
    public string? Mode { get; init; }
}
