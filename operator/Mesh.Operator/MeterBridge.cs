using Prometheus;

namespace Mesh.Operator;

/// <summary>
/// Shows the instruments of System.Diagnostics.Metrics on /metrics. Begun before the first of them counts: prometheus-net by
/// itself begins to listen with the first scrape, and what was counted before would be missing.
/// </summary>
internal static class MeterBridge
{
    private static readonly Lazy<IDisposable> Listening = new(() =>
    {
        Metrics.SuppressDefaultMetrics(new SuppressDefaultMetricOptions { SuppressMeters = true, SuppressEventCounters = true });
        return MeterAdapter.StartListening(new MeterAdapterOptions
        {
            InstrumentFilterPredicate = instrument => instrument.Meter.Name.StartsWith("mesh_", StringComparison.Ordinal),
        });
    });

    /// <summary>Once a process, however many operators it holds.</summary>
    public static void Start() => _ = Listening.Value;
}
