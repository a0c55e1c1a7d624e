using System.Diagnostics.Metrics;

namespace Mesh.Operator.Runtime;

/// <summary>The runtime's instruments (meter <see cref="MeterName"/>).</summary>
public static class RuntimeMetrics
{
    public const string MeterName = "mesh_operator_runtime";

    private static readonly Meter Meter = new(MeterName);

    internal static readonly Counter<long> WatchEvents = Meter.CreateCounter<long>("watch_events", description: "Watch events received.");
    internal static readonly Counter<long> WatchRestarts = Meter.CreateCounter<long>("watch_restarts", description: "Watches begun anew after a pause.");
    internal static readonly Counter<long> Relists = Meter.CreateCounter<long>("watch_relists", description: "Lists begun anew because the server had forgotten the resourceVersion.");
    internal static readonly Counter<long> Unreadable = Meter.CreateCounter<long>("watch_unreadable_objects", description: "Objects left out because they could not be decoded.");
    internal static readonly Counter<long> Reconciliations = Meter.CreateCounter<long>("reconciliations", description: "Reconciliations by kind and result.");
    internal static readonly Histogram<double> ReconcileTime = Meter.CreateHistogram<double>("reconcile_duration", "s", "Time of one reconciliation.");
    internal static readonly UpDownCounter<long> Leading = Meter.CreateUpDownCounter<long>("leader", description: "1 while this process holds the lease.");

    internal static KeyValuePair<string, object?> Kind(ResourceKind kind) => new("kind", kind.Kind);
}
