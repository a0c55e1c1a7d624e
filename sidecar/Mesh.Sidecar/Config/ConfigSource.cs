namespace Mesh.Sidecar.Config;

/// <summary>How a document came.</summary>
public enum ConfigSource
{
    /// <summary>The mounted record: whole, and perhaps behind.</summary>
    File,

    /// <summary>A session: what changed, and the operator's last word.</summary>
    Push,

    /// <summary>What this pod's sidecar obeyed before it was started again.</summary>
    Kept,
}
