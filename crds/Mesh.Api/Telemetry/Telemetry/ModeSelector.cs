using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Telemetry;

/// <summary>On which side of a call.</summary>
public sealed record ModeSelector
{
    /// <summary><c>CLIENT_AND_SERVER</c> (default), <c>CLIENT</c> or <c>SERVER</c>.</summary>
    [AllowedValues("CLIENT_AND_SERVER", "CLIENT", "SERVER")]
    public string? Mode { get; init; }
}
