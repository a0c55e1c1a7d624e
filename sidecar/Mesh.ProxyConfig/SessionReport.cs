namespace Mesh.Config;

/// <summary>The control session as the sidecar sees it.</summary>
public sealed record SessionReport
{
    /// <summary>A session is up.</summary>
    public bool Connected { get; init; }

    /// <summary>Who opened it (or the last one): <c>operator</c>, <c>sidecar</c>; empty when there was none.</summary>
    public string OpenedBy { get; init; } = "";

    /// <summary>Up, or down, since then.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Lease epoch of the last operator that was listened to; 0 when there was none.</summary>
    public long Epoch { get; init; }

    /// <summary>Why there is none; empty when there is one.</summary>
    public string Failure { get; init; } = "";
}
