using Mesh.Api.Networking;

namespace Mesh.Api.Validation;

/// <summary>Limits of connections and requests, and ejection of failing endpoints.</summary>
internal static class ConnectionPoolRules
{
    /// <summary>Limits.</summary>
    public static void Check(FindingList found, string path, ConnectionPoolSettings? settings)
    {
        if (settings is null)
            return;
        if (settings.Http is null && settings.Tcp is null)
            found.Error(path, null, "The connection pool is empty.", "Add tcp or http, or remove it.");
        if (settings.Tcp is { } tcp)
            Tcp(found, path + ".tcp", tcp);
        if (settings.Http is { } http)
            Http(found, path + ".http", http);
    }

    /// <summary>Ejection.</summary>
    public static void Outliers(FindingList found, string path, OutlierDetection? outliers)
    {
        if (outliers is null)
            return;
        if (outliers.ConsecutiveErrors is { } old and not 0)
            found.Deprecated(path + ".consecutiveErrors", old, "consecutive5xxErrors or consecutiveGatewayErrors");
        if (outliers.ConsecutiveLocalOriginFailures > 0 && outliers.SplitExternalLocalOriginErrors is not true)
            found.Error(path + ".consecutiveLocalOriginFailures", outliers.ConsecutiveLocalOriginFailures, "Failures to connect are only counted apart when told so.", "Set splitExternalLocalOriginErrors to true.");
        CommonRules.NotNegative(found, path + ".consecutiveErrors", outliers.ConsecutiveErrors);
        CommonRules.NotNegative(found, path + ".consecutiveLocalOriginFailures", outliers.ConsecutiveLocalOriginFailures);
        CommonRules.NotNegative(found, path + ".consecutiveGatewayErrors", outliers.ConsecutiveGatewayErrors);
        CommonRules.NotNegative(found, path + ".consecutive5xxErrors", outliers.Consecutive5xxErrors);
        if (outliers.ConsecutiveGatewayErrors is { } gateway and > 0 && gateway >= (outliers.Consecutive5xxErrors ?? 5) && outliers.Consecutive5xxErrors is not 0)
            found.Warning(path + ".consecutiveGatewayErrors", gateway, $"This has no effect: these errors also count as 5xx, which eject after {outliers.Consecutive5xxErrors ?? 5}.", "Make it less than consecutive5xxErrors.");
        CommonRules.Duration(found, path + ".interval", outliers.Interval);
        CommonRules.Duration(found, path + ".baseEjectionTime", outliers.BaseEjectionTime);
        CommonRules.Percent(found, path + ".maxEjectionPercent", outliers.MaxEjectionPercent);
        CommonRules.Percent(found, path + ".minHealthPercent", outliers.MinHealthPercent);
        for (var i = 0; i < outliers.OutlierDetectionHttpErrorCodes.Count; i++)
        {
            if (outliers.OutlierDetectionHttpErrorCodes[i] is var code and (< 100 or > 599))
                found.Error($"{path}.outlierDetectionHttpErrorCodes[{i}]", code, "A status code is between 100 and 599.", "Write such a number.");
        }
    }

    private static void Tcp(FindingList found, string path, TcpSettings tcp)
    {
        CommonRules.NotNegative(found, path + ".maxConnections", tcp.MaxConnections);
        CommonRules.Duration(found, path + ".connectTimeout", tcp.ConnectTimeout);
        CommonRules.Duration(found, path + ".maxConnectionDuration", tcp.MaxConnectionDuration);
        // Istio takes anything below a millisecond for 0s here, so it is not refused.
        if (tcp.IdleTimeout is { Nanoseconds: > 0 and < 1_000_000 } tiny)
            found.Warning(path + ".idleTimeout", tiny, "This is shorter than a millisecond and counts as 0s: no limit.", "Write 1ms or more, or 0s for no limit.");
        else
            CommonRules.Duration(found, path + ".idleTimeout", tcp.IdleTimeout, zeroAllowed: true);
        CommonRules.NotNegative(found, path + ".tcpKeepalive.probes", tcp.TcpKeepalive?.Probes);
        CommonRules.Duration(found, path + ".tcpKeepalive.time", tcp.TcpKeepalive?.Time);
        CommonRules.Duration(found, path + ".tcpKeepalive.interval", tcp.TcpKeepalive?.Interval);
    }

    private static void Http(FindingList found, string path, HttpSettings http)
    {
        CommonRules.NotNegative(found, path + ".http1MaxPendingRequests", http.Http1MaxPendingRequests);
        CommonRules.NotNegative(found, path + ".http2MaxRequests", http.Http2MaxRequests);
        CommonRules.NotNegative(found, path + ".maxRequestsPerConnection", http.MaxRequestsPerConnection);
        CommonRules.NotNegative(found, path + ".maxRetries", http.MaxRetries);
        CommonRules.NotNegative(found, path + ".maxConcurrentStreams", http.MaxConcurrentStreams);
        CommonRules.Duration(found, path + ".idleTimeout", http.IdleTimeout);
        if (http.H2UpgradePolicy is { } upgrade and not ("DEFAULT" or "DO_NOT_UPGRADE" or "UPGRADE"))
            found.Error(path + ".h2UpgradePolicy", upgrade, "This is not one of the choices.", "Write DEFAULT, DO_NOT_UPGRADE or UPGRADE.");
        if (http is { UseClientProtocol: true, H2UpgradePolicy: "UPGRADE" })
            found.Error(path + ".useClientProtocol", true, "The caller's protocol cannot be kept and upgraded at once.", "Remove useClientProtocol or h2UpgradePolicy.");
        if (http.Http2KeepAlive is not { } keepAlive)
            return;
        if (keepAlive.Interval is null || keepAlive.Timeout is null)
            found.Error(path + ".http2KeepAlive", null, "Both interval and timeout are needed.", "Give both.");
        CommonRules.Duration(found, path + ".http2KeepAlive.interval", keepAlive.Interval);
        CommonRules.Duration(found, path + ".http2KeepAlive.timeout", keepAlive.Timeout);
    }
}
