using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>How an endpoint is chosen.</summary>
internal static class LoadBalancerRules
{
    private const long MagLevLimit = 5_000_011;
    private static readonly string[] Simple = ["UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"];

    /// <summary>The whole setting; failover needs outlier detection beside it.</summary>
    public static void Check(FindingList found, string path, LoadBalancerSettings? settings, OutlierDetection? outliers)
    {
        if (settings is null)
            return;
        if (settings.Simple is { } simple)
        {
            if (!Simple.Contains(simple))
                found.Error(path + ".simple", simple, "There is no such way of balancing.", "Write LEAST_REQUEST, ROUND_ROBIN, RANDOM or PASSTHROUGH.");
            else if (simple == "LEAST_CONN")
                found.Deprecated(path + ".simple", simple, "LEAST_REQUEST");
            if (settings.ConsistentHash is not null)
                found.Error(path + ".consistentHash", null, "simple and consistentHash exclude each other.", "Keep one of them.");
        }

        Hash(found, path + ".consistentHash", settings.ConsistentHash);
        if (settings.LocalityLbSetting is not null && settings.ZoneAwareLbSetting is not null)
            found.Error(path + ".zoneAwareLbSetting", null, "localityLbSetting and zoneAwareLbSetting exclude each other.", "Keep one of them.");
        LocalityRules.Check(found, path + ".localityLbSetting", settings.LocalityLbSetting, outliers);
        LocalityRules.Check(found, path + ".zoneAwareLbSetting", settings.ZoneAwareLbSetting, outliers);
        Warmup(found, path, settings);
    }

    private static void Hash(FindingList found, string path, ConsistentHashSettings? hash)
    {
        if (hash is null)
            return;
        object?[] keys = [hash.HttpHeaderName, hash.HttpCookie, hash.UseSourceIp, hash.HttpQueryParameterName];
        if (keys.Count(k => k is not null) > 1)
            found.Error(path, null, "Only one key can be hashed.", "Keep one of httpHeaderName, httpCookie, useSourceIp and httpQueryParameterName.");
        if (keys.All(k => k is null))
            found.Warning(path, null, "No key is given, so endpoints are drawn at random.", "Add httpHeaderName, httpCookie, useSourceIp or httpQueryParameterName.");
        Cookie(found, path + ".httpCookie", hash.HttpCookie);
        if (hash.MinimumRingSize is { } size and not 0)
        {
            found.Deprecated(path + ".minimumRingSize", size, "ringHash.minimumRingSize");
            CommonRules.NotNegative(found, path + ".minimumRingSize", size);
            if (hash.RingHash is not null || hash.Maglev is not null)
                found.Error(path + ".minimumRingSize", size, "This excludes ringHash and maglev.", "Remove it.");
        }

        if (hash.RingHash is not null && hash.Maglev is not null)
            found.Error(path + ".maglev", null, "ringHash and maglev exclude each other.", "Keep one of them.");
        CommonRules.NotNegative(found, path + ".ringHash.minimumRingSize", hash.RingHash?.MinimumRingSize);
        if (hash.Maglev is { } maglev && (maglev.TableSize is not { } table || table >= MagLevLimit || !IsPrime(table)))
            found.Error(path + ".maglev.tableSize", maglev.TableSize, $"The table's size is a prime below {MagLevLimit}.", "Write e.g. 65537.");
    }

    private static void Cookie(FindingList found, string path, HttpCookie? cookie)
    {
        if (cookie is null)
            return;
        if (string.IsNullOrEmpty(cookie.Name))
            found.Error(path + ".name", cookie.Name, "A cookie needs a name.", "Add name.");
        if (cookie.Ttl is { IsValid: false })
            found.Error(path + ".ttl", cookie.Ttl, "This is no duration.", "Write e.g. 3600s, or 0s for a cookie that ends with the session.");
        else if (cookie.Ttl is { Nanoseconds: < 0 })
            found.Error(path + ".ttl", cookie.Ttl, "A cookie cannot live for a negative time.", "Write e.g. 3600s, or 0s for a cookie that ends with the session.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < cookie.Attributes.Count; i++)
        {
            var name = cookie.Attributes[i].Name ?? "";
            if (name.Length == 0)
                found.Error($"{path}.attributes[{i}].name", null, "An attribute needs a name.", "Add name.");
            else if (!names.Add(name))
                found.Error($"{path}.attributes[{i}].name", name, "This attribute is given twice.", "Keep one of them.");
        }
    }

    private static void Warmup(FindingList found, string path, LoadBalancerSettings settings)
    {
        if (settings.WarmupDurationSecs is { } old)
        {
            found.Deprecated(path + ".warmupDurationSecs", old, "warmup.duration");
            CommonRules.Duration(found, path + ".warmupDurationSecs", old);
        }

        if (settings.Warmup is not { } warmup)
            return;
        if (warmup.Duration is null)
            found.Error(path + ".warmup.duration", null, "A warm-up must say how long it takes.", "Add duration.");
        CommonRules.Duration(found, path + ".warmup.duration", warmup.Duration);
        if (warmup.MinimumPercent is { } percent && (percent is < 0 or > 100 || double.IsNaN(percent)))
            found.Error(path + ".warmup.minimumPercent", percent, "A percentage is between 0 and 100.", "Write a number between 0 and 100.");
        if (warmup.Aggression is { } aggression && !(aggression >= 1))
            found.Error(path + ".warmup.aggression", aggression, "The aggression is at least 1.", "Write 1 for an even growth, or more.");
    }

    private static bool IsPrime(long number)
    {
        if (number < 4)
            return number is > 0;
        for (long factor = 2; factor * factor <= number; factor++)
        {
            if (number % factor == 0)
                return false;
        }

        return true;
    }
}
