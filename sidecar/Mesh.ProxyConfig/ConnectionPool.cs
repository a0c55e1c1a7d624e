using System.Text.Json.Serialization;

namespace Mesh.Config;

/// <summary>Limits on what this proxy opens towards one cluster. <c>null</c> is no limit, or the system's default.</summary>
public sealed record ConnectionPool
{
    /// <summary>Connections open at a time (HTTP/1.1 and TCP). Requests wait for a free one, TCP beyond it is closed (UO).</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Requests waiting for a connection; beyond it 503 UO.</summary>
    public int? MaxPendingRequests { get; init; }

    /// <summary>Requests under way, whatever the protocol; beyond it 503 UO.</summary>
    public int? MaxRequests { get; init; }

    /// <summary>Requests per connection, then it is closed; 1 switches keep-alive off.</summary>
    public int? MaxRequestsPerConnection { get; init; }

    /// <summary>Retries under way; the smaller of this and the retry budget holds.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>An HTTP connection without requests is closed after this time; zero: never. Default 1 h.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>A TCP connection without bytes either way is closed after this time; zero: never. Default 1 h.</summary>
    public TimeSpan? TcpIdleTimeout { get; init; }

    /// <summary>A connection is closed (HTTP: drained) at this age.</summary>
    public TimeSpan? MaxConnectionDuration { get; init; }

    /// <summary>TCP keep-alive.</summary>
    public TcpKeepAlive? KeepAlive { get; init; }

    /// <summary>HTTP/1.1 requests are sent as HTTP/2.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UpgradeToHttp2 { get; init; }

    /// <summary>The protocol the client spoke is spoken on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool UseClientProtocol { get; init; }

    /// <summary>Streams at a time on one HTTP/2 connection.</summary>
    public int? MaxConcurrentStreams { get; init; }

    /// <summary>HTTP/2 pings: a connection is closed when one is not answered in time.</summary>
    public Http2KeepAlive? Http2KeepAlive { get; init; }
}
