using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Telemetry;

/// <summary>How traces are made.</summary>
public sealed record TracingSettings
{
    /// <summary>On which side of a call. Default: both.</summary>
    public ModeSelector? Match { get; init; }

    /// <summary>Where it is sent: names in <c>extensionProviders</c> of MeshConfig. Default: the mesh's.</summary>
    public IReadOnlyList<ProviderRef> Providers { get; init; } = [];

    /// <summary>Share of requests traced that bring no decision along. Default: the mesh's.</summary>
    [Range(0d, 100d)]
    public double? RandomSamplingPercentage { get; init; }

    /// <summary>No span is reported; context is passed on. Default false.</summary>
    public bool? DisableSpanReporting { get; init; }

    /// <summary>Further tags of each span, by name.</summary>
    public IReadOnlyDictionary<string, CustomTag> CustomTags { get; init; } = new Dictionary<string, CustomTag>();

    /// <summary>Whether spans carry Istio's own tags. Default true.</summary>
    public bool? EnableIstioTags { get; init; }

    /// <summary>Whether X-Request-Id takes part in the decision. Default true.</summary>
    public bool? UseRequestIdForTraceSampling { get; init; }

    /// <summary>Whether headers of traces are neither read nor written. Default false.</summary>
    public bool? DisableContextPropagation { get; init; }
}
