namespace Mesh.Config;

/// <summary>TCP keep-alive; what is not given is the system's (9 probes, 7200 s, 75 s).</summary>
public sealed record TcpKeepAlive
{
    /// <summary>Unanswered probes before the connection is dead.</summary>
    public int? Probes { get; init; }

    /// <summary>Idle time before the first probe.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Time between probes.</summary>
    public TimeSpan? Interval { get; init; }
}
