namespace Mesh.Sidecar.Connections;

/// <summary>How a spliced connection ended.</summary>
public enum SpliceEnd
{
    /// <summary>Both sides finished.</summary>
    Closed,

    /// <summary>The client reset or vanished.</summary>
    ClientReset,

    /// <summary>The upstream reset or vanished.</summary>
    UpstreamReset,

    /// <summary>The sidecar ended it: its drain ran out.</summary>
    Cancelled,

    /// <summary>The sidecar ended it: no byte went by for too long.</summary>
    Idle,

    /// <summary>The sidecar ended it: it reached the age it may have.</summary>
    TooOld,
}
