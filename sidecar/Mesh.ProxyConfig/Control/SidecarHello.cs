namespace Mesh.Config.Control;

/// <summary>Who speaks for which pod.</summary>
public sealed record SidecarHello
{
    /// <summary>Uid of the pod.</summary>
    public required string PodUid { get; init; }

    /// <summary>Namespace of the pod.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the pod.</summary>
    public required string Pod { get; init; }

    /// <summary>Version of the sidecar.</summary>
    public string Version { get; init; } = "";

    /// <summary>Newest format of documents that it reads.</summary>
    public int FormatVersion { get; init; } = ProxyConfig.CurrentFormatVersion;

    /// <summary>Highest lease epoch it has seen; an operator with a lower one is no longer the leader.</summary>
    public long Epoch { get; init; }

    /// <summary>
    /// The pod's audience-bound token; set when the sidecar opened the connection and in issuing exchanges, left out in a
    /// session that the operator opened (the address it dialled says which pod it is).
    /// </summary>
    public string? Token { get; init; }
}
