using System.Diagnostics.Metrics;

namespace Mesh.Operator;

/// <summary>The operator's own instruments.</summary>
public static class OperatorMetrics
{
    private static readonly Meter Meter = new("mesh_operator");

    internal static readonly Histogram<double> PlanTime = Meter.CreateHistogram<double>("plan_duration", "s", "Time of one plan.");
    internal static readonly Counter<long> Plans = Meter.CreateCounter<long>("plans", description: "Plans made.");
    internal static readonly Counter<long> RecordWrites = Meter.CreateCounter<long>("record_writes", description: "Config records by result.");
    internal static readonly Counter<long> StatusWrites = Meter.CreateCounter<long>("status_writes", description: "Status patches by result.");
    internal static readonly Counter<long> Injections = Meter.CreateCounter<long>("injections", description: "Pods seen by the injector, by verdict.");
    internal static readonly UpDownCounter<long> Sessions = Meter.CreateUpDownCounter<long>("control_sessions", description: "Control sessions that are up, by who opened them.");
    internal static readonly Counter<long> Pushes = Meter.CreateCounter<long>("pushes", description: "Pushed configs by result.");
    internal static readonly Histogram<double> PushTime = Meter.CreateHistogram<double>("push_duration", "s", "Time from a plan to its acknowledgement by a proxy that was pushed to.");
    internal static readonly Counter<long> Certificates = Meter.CreateCounter<long>("certificates", description: "Signing requests by result (issued, or the reason of the refusal) and by why they came.");
    internal static readonly Counter<long> TrustWrites = Meter.CreateCounter<long>("trust_writes", description: "Writes of mesh-root by result.");
    internal static readonly Counter<long> CredentialWrites = Meter.CreateCounter<long>("credential_writes", description: "Writes of composed Secrets by result.");
    internal static readonly UpDownCounter<long> Proxies = Meter.CreateUpDownCounter<long>("proxies_reporting", description: "Sidecars whose report is being read.");

    private static (Identity.Trust Trust, TimeProvider Time)? _shown;

    static OperatorMetrics()
    {
        Meter.CreateObservableGauge("root_days_left", RootDays, "d", "Days until each trusted root runs out, by what it does.");
        Meter.CreateObservableGauge("own_certificate_days_left", OwnDays, "d", "Days until the operator's own certificate runs out.");
    }

    /// <summary>From now on these roots and this certificate are shown.</summary>
    internal static void Show(Identity.Trust trust, TimeProvider time) => _shown = (trust, time);

    private static IEnumerable<Measurement<double>> RootDays()
    {
        if (_shown is not { } shown) yield break;
        var ring = shown.Trust.Ring;
        foreach (var (root, role) in new[] { (ring.Active, "active"), (ring.Incoming, "incoming"), (ring.Outgoing, "outgoing") })
            if (root is not null) yield return new Measurement<double>((root.NotAfter - shown.Time.GetUtcNow()).TotalDays, new KeyValuePair<string, object?>("root", role));
    }

    private static IEnumerable<Measurement<double>> OwnDays()
    {
        if (_shown is { } shown) yield return new Measurement<double>((shown.Trust.Own.NotAfter.ToUniversalTime() - shown.Time.GetUtcNow().UtcDateTime).TotalDays);
    }
}
