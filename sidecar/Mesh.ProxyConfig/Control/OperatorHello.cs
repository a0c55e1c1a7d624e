namespace Mesh.Config.Control;

/// <summary>Who leads.</summary>
public sealed record OperatorHello
{
    /// <summary>Pod the operator believes to speak to; a sidecar of another one ends the session.</summary>
    public required string PodUid { get; init; }

    /// <summary>Number of the leader's term; grows with each change of leader. A lower one than the last seen is refused.</summary>
    public required long Epoch { get; init; }

    /// <summary>Name of the leader among replicas.</summary>
    public string Leader { get; init; } = "";
}
