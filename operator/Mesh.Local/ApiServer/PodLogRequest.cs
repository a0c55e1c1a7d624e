namespace Mesh.Local.ApiServer;

/// <summary>What `kubectl logs` asks for.</summary>
public sealed record PodLogRequest
{
    public required string Namespace { get; init; }

    public required string Pod { get; init; }

    public required string PodUid { get; init; }

    public required string Container { get; init; }

    /// <summary>The stream goes on as the container writes, until it ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Of the run before the last restart.</summary>
    public bool Previous { get; init; }

    public bool Timestamps { get; init; }

    public long? TailLines { get; init; }

    public DateTimeOffset? Since { get; init; }

    public long? LimitBytes { get; init; }
}
