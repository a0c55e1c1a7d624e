using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Mesh.Api.Networking;
using Mesh.Api.Telemetry;

namespace Mesh.Api.MeshWide;

/// <summary>Traces.</summary>
public sealed record MeshTracing
{
    /// <summary>To Zipkin.</summary>
    public TracingAddress? Zipkin { get; init; }

    /// <summary>To Lightstep.</summary>
    public JsonElement? Lightstep { get; init; }

    /// <summary>To Datadog.</summary>
    public TracingAddress? Datadog { get; init; }

    /// <summary>To Stackdriver.</summary>
    public JsonElement? Stackdriver { get; init; }

    /// <summary>To OpenCensus.</summary>
    public JsonElement? OpenCensusAgent { get; init; }

    /// <summary>Further tags of each span, by name.</summary>
    public IReadOnlyDictionary<string, CustomTag> CustomTags { get; init; } = new Dictionary<string, CustomTag>();

    /// <summary>Longest path in a span.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxPathTagLength { get; init; }

    /// <summary>Share of requests traced, in percent.</summary>
    [Range(0d, 100d)]
    public double? Sampling { get; init; }

    /// <summary>TLS to it.</summary>
    public ClientTlsSettings? TlsSettings { get; init; }

    /// <summary>Whether spans carry Istio's own tags.</summary>
    public bool? EnableIstioTags { get; init; }
}
