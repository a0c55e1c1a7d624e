using Mesh.Config;
using ApiOutlierDetection = Mesh.Api.Networking.OutlierDetection;

namespace Mesh.Operator.Core.Planning.Features;

/// <summary>A policy's outlier detection -> when failing members are left out.</summary>
internal static class OutlierTranslator
{
    private static readonly OutlierDetection Defaults = new();

    /// <summary>Null where nobody is ever left out.</summary>
    public static OutlierDetection? Translate(ApiOutlierDetection? settings)
    {
        if (settings is null) return null;
        var ejection = Positive(settings.BaseEjectionTime) ?? Defaults.BaseEjectionTime;
        // The field of old times counted 502, 503 and 504.
        var isOld = settings is { ConsecutiveErrors: > 0, Consecutive5xxErrors: null, ConsecutiveGatewayErrors: null };
        return new OutlierDetection
        {
            Consecutive5xx = isOld ? 0 : settings.Consecutive5xxErrors ?? Defaults.Consecutive5xx,
            ConsecutiveGatewayErrors = isOld ? settings.ConsecutiveErrors!.Value : settings.ConsecutiveGatewayErrors ?? 0,
            SplitLocalOriginErrors = settings.SplitExternalLocalOriginErrors == true,
            ConsecutiveLocalOriginFailures = settings.ConsecutiveLocalOriginFailures ?? Defaults.ConsecutiveLocalOriginFailures,
            ErrorCodes = [.. settings.OutlierDetectionHttpErrorCodes.Distinct().Order()],
            Interval = Positive(settings.Interval) ?? Defaults.Interval,
            BaseEjectionTime = ejection,
            MaxEjectionTime = ejection > Defaults.MaxEjectionTime ? ejection : Defaults.MaxEjectionTime,
            MaxEjectionPercent = settings.MaxEjectionPercent is > 0 and var percent ? percent : Defaults.MaxEjectionPercent,
            MinHealthPercent = settings.MinHealthPercent ?? 0,
        };
    }

    private static TimeSpan? Positive(Api.Duration? duration) => duration?.Value is { } value && value > TimeSpan.Zero ? value : null;
}
