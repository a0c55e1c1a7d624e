using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Mesh.Api.MeshWide;

/// <summary>Takes traces.</summary>
public sealed record OpenTelemetryProvider
{
    /// <summary>Its host.</summary>
    public string? Service { get; init; }

    /// <summary>Its port.</summary>
    [Port]
    public int? Port { get; init; }

    /// <summary>Longest path in a span.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxTagLength { get; init; }

    /// <summary>Sent with HTTP.</summary>
    public JsonElement? Http { get; init; }

    /// <summary>Sent with gRPC.</summary>
    public JsonElement? Grpc { get; init; }

    /// <summary>What is told of the sidecar.</summary>
    public JsonElement? ResourceDetectors { get; init; }

    /// <summary>Sampler of Dynatrace.</summary>
    public JsonElement? DynatraceSampler { get; init; }
}
