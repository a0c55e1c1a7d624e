using System.ComponentModel.DataAnnotations;

namespace Mesh.Api.Networking;

/// <summary>How one of the ready endpoints is chosen.</summary>
[AtMostOneOf(nameof(Simple), nameof(ConsistentHash))]
public sealed record LoadBalancerSettings
{
    /// <summary>
    /// <c>LEAST_REQUEST</c> (default, also UNSPECIFIED): the less busy of two drawn at random; <c>ROUND_ROBIN</c>;
    /// <c>RANDOM</c>; <c>PASSTHROUGH</c>: the address the caller dialled; <c>LEAST_CONN</c>: old name of LEAST_REQUEST.
    /// </summary>
    [AllowedValues("UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST")]
    public string? Simple { get; init; }

    /// <summary>The same key goes to the same endpoint. Excludes <c>simple</c>.</summary>
    public ConsistentHashSettings? ConsistentHash { get; init; }

    /// <summary>Which regions and zones are preferred or share the load.</summary>
    public LocalityLoadBalancerSetting? LocalityLbSetting { get; init; }

    /// <summary>Prefer endpoints of the caller's zone while they can carry the load. Excludes <c>localityLbSetting</c>.</summary>
    public ZoneAwareLoadBalancerSetting? ZoneAwareLbSetting { get; init; }

    /// <summary>Deprecated: use <c>warmup</c>.</summary>
    [AtLeast("1ms")]
    public Duration? WarmupDurationSecs { get; init; }

    /// <summary>Give new endpoints their full share only bit by bit (ROUND_ROBIN and LEAST_REQUEST).</summary>
    public WarmupConfiguration? Warmup { get; init; }
}
