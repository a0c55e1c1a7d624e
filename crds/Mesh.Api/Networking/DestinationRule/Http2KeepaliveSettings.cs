namespace Mesh.Api.Networking;

/// <summary>HTTP/2 PING frames; both times are needed.</summary>
public sealed record Http2KeepaliveSettings
{
    /// <summary>Time between pings.</summary>
    [AtLeast("1ms")]
    public Duration? Interval { get; init; }

    /// <summary>How long to wait for the answer before the connection is closed.</summary>
    [AtLeast("1ms")]
    public Duration? Timeout { get; init; }
}
