namespace Mesh.Api.Telemetry;

/// <summary>A metric that differs.</summary>
public sealed record MetricsOverride
{
    /// <summary>Which. Default: all.</summary>
    public MetricSelector? Match { get; init; }

    /// <summary>Whether it is left out. Default false.</summary>
    public bool? Disabled { get; init; }

    /// <summary>Its labels that differ, by name.</summary>
    public IReadOnlyDictionary<string, TagOverride> TagOverrides { get; init; } = new Dictionary<string, TagOverride>();
}
