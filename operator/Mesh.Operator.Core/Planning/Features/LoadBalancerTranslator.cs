using Mesh.Api.Networking;
using Mesh.Config;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A policy's balancing -> how a member is chosen.</summary>
internal static class LoadBalancerTranslator
{
    private const int DefaultRingSize = 1024;
    private const int DefaultMaglevSize = 65537;

    // Above it a ring costs more memory than it evens out.
    private const int MaxRingSize = 8 * 1024 * 1024;

    public static LoadBalancing AlgorithmOf(LoadBalancerSettings? balancer) => balancer switch
    {
        { ConsistentHash: not null } => HashOf(balancer) is null ? LoadBalancing.Random : LoadBalancing.ConsistentHash,
        { Simple: "ROUND_ROBIN" } => LoadBalancing.RoundRobin,
        { Simple: "RANDOM" } => LoadBalancing.Random,
        _ => LoadBalancing.LeastRequest,
    };

    /// <summary>Null where no key is given.</summary>
    public static ConsistentHash? HashOf(LoadBalancerSettings? balancer)
    {
        if (balancer?.ConsistentHash is not { } hash || KeyOf(hash) is not { } key) return null;
        return hash.Maglev is { } maglev
            ? new ConsistentHash { Key = key, Table = HashTable.Maglev, Size = (int)(maglev.TableSize ?? DefaultMaglevSize) }
            : new ConsistentHash { Key = key, Size = (int)Math.Clamp(Given(hash.RingHash?.MinimumRingSize) ?? Given(hash.MinimumRingSize) ?? DefaultRingSize, 1, MaxRingSize) };
    }

    /// <summary>Only where members are taken in turn or by how busy they are can a new one be given less than its share.</summary>
    public static Warmup? WarmupOf(LoadBalancerSettings? balancer)
    {
        if (AlgorithmOf(balancer) is not (LoadBalancing.RoundRobin or LoadBalancing.LeastRequest)) return null;
        var duration = balancer?.Warmup is { } today ? today.Duration?.Value : balancer?.WarmupDurationSecs?.Value;
        if (duration is not { } time || time <= TimeSpan.Zero) return null;
        return new Warmup
        {
            Duration = time,
            MinimumPercent = balancer!.Warmup?.MinimumPercent ?? new Warmup { Duration = time }.MinimumPercent,
            Aggression = balancer.Warmup?.Aggression ?? 1,
        };
    }

    private static HashKey? KeyOf(ConsistentHashSettings hash) => hash switch
    {
        { HttpHeaderName: { Length: > 0 } header } => new HashKey { Header = header.ToLowerInvariant() },
        { HttpCookie: { Name.Length: > 0 } cookie } => new HashKey { Cookie = Of(cookie) },
        { UseSourceIp: true } => new HashKey { SourceAddress = true },
        { HttpQueryParameterName: { Length: > 0 } parameter } => new HashKey { QueryParameter = parameter },
        _ => null,
    };

    private static HashCookie Of(HttpCookie cookie) => new()
    {
        Name = cookie.Name!,
        Path = string.IsNullOrEmpty(cookie.Path) ? null : cookie.Path,
        Ttl = cookie.Ttl?.Value,
        Attributes = [.. cookie.Attributes.Where(attribute => !string.IsNullOrEmpty(attribute.Name)).Select(Text)],
    };

    private static string Text(HttpCookieAttribute attribute) => string.IsNullOrEmpty(attribute.Value) ? attribute.Name! : $"{attribute.Name}={attribute.Value}";

    private static long? Given(long? number) => number is > 0 ? number : null;
}
