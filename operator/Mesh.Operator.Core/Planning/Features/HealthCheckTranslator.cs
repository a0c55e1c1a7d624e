using System.Globalization;
using Mesh.Api.Health;
using Mesh.Config;
using Mesh.Operator.Core.Snapshot;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A HealthCheck as its user writes it -> what proxies are told.</summary>
internal static class HealthCheckTranslator
{
    public static HealthCheck Translate(Rule<HealthCheckSpec> rule)
    {
        var spec = rule.Spec;
        var check = new HealthCheck
        {
            Origin = rule.Key.ToString(),
            Probe = spec.Http is not null ? HealthProbe.Http : spec.Grpc is not null ? HealthProbe.Grpc : HealthProbe.Tcp,
            Port = spec.Port ?? 0,
            InitiallyHealthy = spec.InitialState != "UNHEALTHY",
            Service = spec.Grpc?.Service ?? "",
        };
        check = check with
        {
            Interval = spec.Interval?.Value ?? check.Interval,
            JitterPercent = spec.IntervalJitterPercent ?? check.JitterPercent,
            Timeout = spec.Timeout?.Value ?? check.Timeout,
            UnhealthyThreshold = spec.UnhealthyThreshold ?? check.UnhealthyThreshold,
            HealthyThreshold = spec.HealthyThreshold ?? check.HealthyThreshold,
        };
        return spec.Http is { } http ? Http(check, http) : check;
    }

    private static HealthCheck Http(HealthCheck check, HttpHealthCheck http) => check with
    {
        Path = string.IsNullOrEmpty(http.Path) ? check.Path : http.Path,
        Method = string.IsNullOrEmpty(http.Method) ? check.Method : http.Method,
        Host = string.IsNullOrEmpty(http.Host) ? null : http.Host,
        Headers = [.. http.Headers.OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => new HeaderValue(header.Key.ToLowerInvariant(), header.Value))],
        ExpectedStatuses = http.ExpectedStatuses.Count == 0 ? check.ExpectedStatuses : [.. http.ExpectedStatuses.Select(Range).OfType<StatusRange>()],
    };

    private static StatusRange? Range(string text)
    {
        var parts = text.Split('-', 2);
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from) && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var to)
            ? new StatusRange(from, to) : null;
    }
}
