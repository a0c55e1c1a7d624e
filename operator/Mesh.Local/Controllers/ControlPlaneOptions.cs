namespace Mesh.Local.Controllers;

/// <summary>What of the controllers can be chosen, as a controller manager's flags can.</summary>
internal sealed record ControlPlaneOptions
{
    /// <summary>No scheduler: pods stay where they are put.</summary>
    public bool Schedules { get; init; } = true;

    /// <summary>How long changes of pods are gathered before a service's endpoints follow (--endpointslice-updates-batch-period).</summary>
    public TimeSpan EndpointBatch { get; init; } = TimeSpan.Zero;
}
