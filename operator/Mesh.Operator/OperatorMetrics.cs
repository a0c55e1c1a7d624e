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
    internal static readonly UpDownCounter<long> Proxies = Meter.CreateUpDownCounter<long>("proxies_reporting", description: "Sidecars whose report is being read.");
}
