namespace Mesh.Sidecar;

/// <summary>Which way a connection goes, seen from the application beside us.</summary>
public enum Direction
{
    /// <summary>From the application to others (port 15001).</summary>
    Outbound,

    /// <summary>From others to the application (port 15006).</summary>
    Inbound,
}
