using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>How a new endpoint gets up to its full share.</summary>
public sealed record WarmupConfiguration
{
    /// <summary>How long it takes.</summary>
    [Required]
    [AtLeast("1ms")]
    public Duration? Duration { get; init; }

    /// <summary>Share it begins with, in percent of its full share. Default 10.</summary>
    [Range(0.0, 100.0)]
    public double? MinimumPercent { get; init; }

    /// <summary>How fast it grows: 1 (default) evenly, more is faster at first.</summary>
    [Range(1.0, double.MaxValue)]
    public double? Aggression { get; init; }
}
