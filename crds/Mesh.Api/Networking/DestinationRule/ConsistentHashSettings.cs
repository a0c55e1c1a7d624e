using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>What the key is, and how it is turned into an endpoint.</summary>
[AtMostOneOf(nameof(HttpHeaderName), nameof(HttpCookie), nameof(UseSourceIp), nameof(HttpQueryParameterName))]
[AtMostOneOf(nameof(RingHash), nameof(Maglev))]
public sealed record ConsistentHashSettings
{
    /// <summary>The value of this request header.</summary>
    public string? HttpHeaderName { get; init; }

    /// <summary>The value of a cookie, made by the proxy if a <c>ttl</c> is given and the request has none.</summary>
    public HttpCookie? HttpCookie { get; init; }

    /// <summary>The caller's address.</summary>
    public bool? UseSourceIp { get; init; }

    /// <summary>The value of this query parameter.</summary>
    public string? HttpQueryParameterName { get; init; }

    /// <summary>By a ring of endpoints.</summary>
    public RingHash? RingHash { get; init; }

    /// <summary>By a Maglev table.</summary>
    public MagLev? Maglev { get; init; }

    /// <summary>Deprecated: use <c>ringHash.minimumRingSize</c>.</summary>
    [Range(0, long.MaxValue)]
    public long? MinimumRingSize { get; init; }
}
