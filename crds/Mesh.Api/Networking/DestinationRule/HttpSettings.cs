using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>Limits of HTTP requests of one proxy to the host.</summary>
public sealed record HttpSettings
{
    /// <summary>Most requests waiting for a connection, HTTP/2 as well. Past it: 503 with flag UO. Default: none.</summary>
    [Range(0, int.MaxValue)]
    public int? Http1MaxPendingRequests { get; init; }

    /// <summary>Most requests under way, HTTP/1.1 as well. Default: none.</summary>
    [Range(0, int.MaxValue)]
    public int? Http2MaxRequests { get; init; }

    /// <summary>Requests until a connection is replaced; 0 (default) never, 1 = no keep-alive.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxRequestsPerConnection { get; init; }

    /// <summary>Most retries under way at once. Default: none.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxRetries { get; init; }

    /// <summary>How long a connection may be without request, at least 1 ms. Default 1 h.</summary>
    [AtLeast("1ms")]
    public Duration? IdleTimeout { get; init; }

    /// <summary>Whether HTTP/1.1 requests go out as HTTP/2: <c>DEFAULT</c> (no), <c>DO_NOT_UPGRADE</c>, <c>UPGRADE</c>.</summary>
    [AllowedValues("DEFAULT", "DO_NOT_UPGRADE", "UPGRADE")]
    public string? H2UpgradePolicy { get; init; }

    /// <summary>Use the protocol the caller used. Excludes <c>h2UpgradePolicy: UPGRADE</c>. Default false.</summary>
    public bool? UseClientProtocol { get; init; }

    /// <summary>Most streams on one HTTP/2 connection. Default 2^31-1.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxConcurrentStreams { get; init; }

    /// <summary>HTTP/2 PING frames that keep connections alive or find them dead.</summary>
    public Http2KeepaliveSettings? Http2KeepAlive { get; init; }
}
