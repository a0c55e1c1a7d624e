namespace Mesh.Sidecar;

/// <summary>Marks on the way of a request; timestamps as of <see cref="TimeProvider.GetTimestamp"/>, 0 when not reached.</summary>
public sealed class ExchangeTimes
{
    /// <summary>Wall clock at arrival.</summary>
    public DateTimeOffset Arrived { get; set; }

    /// <summary>Arrival.</summary>
    public long Started { get; set; }

    /// <summary>The last try was handed to the upstream client.</summary>
    public long UpstreamStarted { get; set; }

    /// <summary>Response headers of the last try arrived.</summary>
    public long ResponseHeaders { get; set; }

    /// <summary>The last byte of the response went down, or the request was given up.</summary>
    public long Ended { get; set; }
}
