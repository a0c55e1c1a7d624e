using System.Net;

namespace Mesh.Config;

/// <summary>Rules of how a <see cref="Cluster"/> is balanced and guarded.</summary>
internal static class ClusterPolicyRules
{
    // Envoy's bound of a Maglev table; a ring has one of its own.
    private const int MostTableEntries = 5_000_011;
    private const int MostRingEntries = 8 * 1024 * 1024;

    public static void Check(ConfigPath at, Cluster cluster, ProblemList problems)
    {
        if (cluster.Outliers is { } outliers) Check(at.Down("outliers"), outliers, problems);
        if (cluster.Pool is { } pool) Check(at.Down("pool"), pool, problems);
        if (cluster.HealthCheck is { } check) Check(at.Down("healthCheck"), check, problems);
        if (cluster.ConsistentHash is { } hash) Check(at.Down("consistentHash"), hash, problems);
        if (cluster.Warmup is { } warmup) Check(at.Down("warmup"), warmup, problems);
        if (cluster.Locality is { } locality) Check(at.Down("locality"), locality, problems);
        if (cluster.Tls is { } tls) Check(at.Down("tls"), tls, problems);
    }

    /// <summary>What stands for "the same client again".</summary>
    public static void Check(ConfigPath at, HashKey key, ProblemList problems)
    {
        var given = (key.Header is null ? 0 : 1) + (key.Cookie is null ? 0 : 1) + (key.SourceAddress ? 1 : 0) + (key.QueryParameter is null ? 0 : 1);
        if (given != 1) problems.Add(at, "", "exactly one of header, cookie, sourceAddress and queryParameter is given");
        if (key.Header is "" || key.QueryParameter is "" || key.Cookie is { Name: "" }) problems.Add(at, "", "a name is empty");
        if (key.Cookie?.Ttl < TimeSpan.Zero) problems.Add(at, "cookie.ttl", "is below zero");
    }

    /// <summary>Limits on connections and requests.</summary>
    public static void Check(ConfigPath at, ConnectionPool pool, ProblemList problems)
    {
        CheckNotNegative(at, "maxConnections", pool.MaxConnections, problems);
        CheckNotNegative(at, "maxPendingRequests", pool.MaxPendingRequests, problems);
        CheckNotNegative(at, "maxRequests", pool.MaxRequests, problems);
        CheckNotNegative(at, "maxRetries", pool.MaxRetries, problems);
        if (pool.MaxRequestsPerConnection < 1) problems.Add(at, "maxRequestsPerConnection", "is below 1");
        if (pool.MaxConcurrentStreams < 1) problems.Add(at, "maxConcurrentStreams", "is below 1");
        if (pool.IdleTimeout < TimeSpan.Zero) problems.Add(at, "idleTimeout", "is below zero");
        if (pool.TcpIdleTimeout < TimeSpan.Zero) problems.Add(at, "tcpIdleTimeout", "is below zero");
        problems.CheckPositive(at, "maxConnectionDuration", pool.MaxConnectionDuration);
        if (pool is { UpgradeToHttp2: true, UseClientProtocol: true }) problems.Add(at, "useClientProtocol", "excludes upgradeToHttp2");
        if (pool.KeepAlive is { } alive)
        {
            if (alive.Probes < 1) problems.Add(at, "keepAlive.probes", "is below 1");
            problems.CheckPositive(at, "keepAlive.time", alive.Time);
            problems.CheckPositive(at, "keepAlive.interval", alive.Interval);
        }

        if (pool.Http2KeepAlive is { } pings)
        {
            problems.CheckPositive(at, "http2KeepAlive.interval", pings.Interval);
            problems.CheckPositive(at, "http2KeepAlive.timeout", pings.Timeout);
        }
    }

    private static void Check(ConfigPath at, OutlierDetection outliers, ProblemList problems)
    {
        CheckNotNegative(at, "consecutive5xx", outliers.Consecutive5xx, problems);
        CheckNotNegative(at, "consecutiveGatewayErrors", outliers.ConsecutiveGatewayErrors, problems);
        CheckNotNegative(at, "consecutiveLocalOriginFailures", outliers.ConsecutiveLocalOriginFailures, problems);
        problems.CheckPositive(at, "interval", outliers.Interval);
        problems.CheckPositive(at, "baseEjectionTime", outliers.BaseEjectionTime);
        problems.CheckPositive(at, "maxEjectionTime", outliers.MaxEjectionTime);
        CheckPercent(at, "maxEjectionPercent", outliers.MaxEjectionPercent, problems);
        CheckPercent(at, "minHealthPercent", outliers.MinHealthPercent, problems);
        foreach (var code in outliers.ErrorCodes)
        {
            if (code is < 100 or > 599) problems.Add(at, "errorCodes", $"{code} is not a status code");
        }
    }

    private static void Check(ConfigPath at, HealthCheck check, ProblemList problems)
    {
        problems.CheckDefined(at, "probe", check.Probe);
        if (check.Port != 0) problems.CheckPort(at, "port", check.Port);
        problems.CheckPositive(at, "interval", check.Interval);
        problems.CheckPositive(at, "timeout", check.Timeout);
        if (check.JitterPercent is < 0 or > 100) problems.Add(at, "jitterPercent", "is 0 to 100");
        if (check.UnhealthyThreshold < 1) problems.Add(at, "unhealthyThreshold", "is below 1");
        if (check.HealthyThreshold < 1) problems.Add(at, "healthyThreshold", "is below 1");
        if (check.Probe != HealthProbe.Http) return;
        if (!check.Path.StartsWith('/')) problems.Add(at, "path", "begins with /");
        if (check.Method.Length == 0) problems.Add(at, "method", "is empty");
        if (check.ExpectedStatuses.IsEmpty) problems.Add(at, "expectedStatuses", "there must be one at least");
        foreach (var range in check.ExpectedStatuses)
        {
            if (range.From is < 100 or > 599 || range.To is < 100 or > 599 || range.From > range.To) problems.Add(at, "expectedStatuses", $"{range.From} to {range.To} is not a range of status codes");
        }
    }

    private static void Check(ConfigPath at, ConsistentHash hash, ProblemList problems)
    {
        Check(at.Down("key"), hash.Key, problems);
        problems.CheckDefined(at, "table", hash.Table);
        if (hash.Table == HashTable.Ring && hash.Size is < 1 or > MostRingEntries) problems.Add(at, "size", $"is 1 to {MostRingEntries} for a ring");
        if (hash.Table == HashTable.Maglev && (hash.Size > MostTableEntries || !IsPrime(hash.Size))) problems.Add(at, "size", $"{hash.Size} is not a prime up to {MostTableEntries}");
    }

    private static void Check(ConfigPath at, Warmup warmup, ProblemList problems)
    {
        problems.CheckPositive(at, "duration", warmup.Duration);
        if (warmup.MinimumPercent is < 0 or > 100 or double.NaN) problems.Add(at, "minimumPercent", "is 0 to 100");
        if (warmup.Aggression is <= 0 or double.NaN) problems.Add(at, "aggression", "must be above zero");
    }

    private static void Check(ConfigPath at, LocalityPolicy locality, ProblemList problems)
    {
        for (var i = 0; i < locality.Distribute.Length; i++)
        {
            var shares = locality.Distribute[i];
            var here = at.Down("distribute", i);
            if (shares.From.Length == 0) problems.Add(here, "from", "is empty");
            if (shares.To.Values.Any(share => share < 0) || shares.To.Values.Sum(share => (long)share) != 100) problems.Add(here, "to", "shares are above zero and sum up to 100");
        }

        foreach (var label in locality.FailoverPriority)
        {
            if (label.Length == 0 || label[0] == '=') problems.Add(at, "failoverPriority", $"'{label}' names no label");
        }
    }

    private static void Check(ConfigPath at, TlsOrigination tls, ProblemList problems)
    {
        if (tls.CertificateFile.Length == 0 != (tls.KeyFile.Length == 0)) problems.Add(at, "keyFile", "certificate and key are given together");
        if (tls.CertificateFile.Length > 0 && tls.Credential is not null) problems.Add(at, "credential", "excludes files");
        // It is the name of a file: nothing that leads elsewhere.
        if (tls.Credential is { Name: var name } && (name.Length == 0 || name[0] == '.' || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_'))))
            problems.Add(at, "credential.name", $"'{name}' is no name of a credential");
        if (tls.Sni.Length > 0 && IPAddress.TryParse(tls.Sni, out _)) problems.Add(at, "sni", $"'{tls.Sni}' is an address, no name");
    }

    private static void CheckNotNegative(ConfigPath at, string member, int? value, ProblemList problems)
    {
        if (value < 0) problems.Add(at, member, $"{value} is below zero");
    }

    private static void CheckPercent(ConfigPath at, string member, int value, ProblemList problems)
    {
        if (value is < 0 or > 100) problems.Add(at, member, $"{value} is not a percentage (0 to 100)");
    }

    private static bool IsPrime(int number)
    {
        if (number < 2) return false;
        for (var divisor = 2L; divisor * divisor <= number; divisor++)
        {
            if (number % divisor == 0) return false;
        }

        return true;
    }
}
