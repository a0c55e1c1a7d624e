namespace Mesh.Config;

/// <summary>HTTP/2 pings.</summary>
/// <param name="Interval">Time between pings.</param>
/// <param name="Timeout">Time for the answer.</param>
public sealed record Http2KeepAlive(TimeSpan Interval, TimeSpan Timeout);
