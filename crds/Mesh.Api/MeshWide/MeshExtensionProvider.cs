using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Mesh.Api.MeshWide;

/// <summary>A service that AuthorizationPolicy and Telemetry name.</summary>
[AtMostOneOf(nameof(EnvoyExtAuthzHttp), nameof(EnvoyExtAuthzGrpc), nameof(Zipkin), nameof(Lightstep), nameof(Datadog), nameof(Stackdriver), nameof(Opencensus), nameof(Skywalking), nameof(Opentelemetry), nameof(Prometheus), nameof(EnvoyFileAccessLog), nameof(EnvoyHttpAls), nameof(EnvoyTcpAls), nameof(EnvoyOtelAls), nameof(Sds))]
public sealed record MeshExtensionProvider
{
    /// <summary>Its name.</summary>
    [Required]
    public string? Name { get; init; }

    /// <summary>Decides about requests, asked with HTTP.</summary>
    public ExtAuthzHttp? EnvoyExtAuthzHttp { get; init; }

    /// <summary>Decides about requests, asked with gRPC.</summary>
    public ExtAuthzGrpc? EnvoyExtAuthzGrpc { get; init; }

    /// <summary>Takes traces.</summary>
    public ZipkinProvider? Zipkin { get; init; }

    /// <summary>Takes traces.</summary>
    public JsonElement? Lightstep { get; init; }

    /// <summary>Takes traces.</summary>
    public JsonElement? Datadog { get; init; }

    /// <summary>Takes traces, metrics and logs.</summary>
    public JsonElement? Stackdriver { get; init; }

    /// <summary>Takes traces.</summary>
    public JsonElement? Opencensus { get; init; }

    /// <summary>Takes traces.</summary>
    public JsonElement? Skywalking { get; init; }

    /// <summary>Takes traces.</summary>
    public OpenTelemetryProvider? Opentelemetry { get; init; }

    /// <summary>Asks for metrics.</summary>
    public JsonElement? Prometheus { get; init; }

    /// <summary>A file of access logs.</summary>
    public FileAccessLogProvider? EnvoyFileAccessLog { get; init; }

    /// <summary>Takes access logs.</summary>
    public JsonElement? EnvoyHttpAls { get; init; }

    /// <summary>Takes access logs.</summary>
    public JsonElement? EnvoyTcpAls { get; init; }

    /// <summary>Takes access logs.</summary>
    public JsonElement? EnvoyOtelAls { get; init; }

    /// <summary>Gives out secrets.</summary>
    public JsonElement? Sds { get; init; }
}
