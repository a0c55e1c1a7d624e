using Mesh.Sidecar.Config;
using Prometheus;

namespace Mesh.Sidecar.Telemetry;

/// <summary>
/// How clusters fare that have limits, outlier detection, health checks or retries, in Envoy's names. The others say nothing,
/// so that a proxy that knows a whole mesh does not tell thousands of zeros.
/// </summary>
public sealed class ClusterMetrics
{
    private const string Prefix = "envoy_cluster_";

    private readonly ProxyState state;
    private readonly List<(Counter Counter, Func<CompiledCluster, double> Value)> counters = [];
    private readonly List<(Gauge Gauge, Func<CompiledCluster, double> Value)> gauges = [];
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    /// <summary>Adds them; they are read when somebody asks.</summary>
    public ClusterMetrics(CollectorRegistry registry, ProxyState state)
    {
        this.state = state;
        var metrics = Metrics.WithCustomRegistry(registry);
        Count("upstream_rq_pending_overflow", "Requests refused at a limit of the connection pool.", c => c.State.Breaker.PendingOverflow);
        Count("upstream_cx_overflow", "Times that the limit of connections was reached.", c => c.State.Breaker.ConnectionOverflow);
        Count("upstream_rq_retry", "Retries.", c => c.State.Retries);
        Count("upstream_rq_retry_overflow", "Retries that budget or limit did not allow.", c => c.State.RetriesOverBudget);
        Count("outlier_detection_ejections_enforced_total", "Ejections.", c => c.Pool.Members.Sum(member => member.State.Health.TimesEjected));
        Count("outlier_detection_ejections_overflow", "Ejections that the largest share did not allow.", c => c.State.Ejections.Refused);
        Show("upstream_rq_active", "Requests under way.", c => c.State.Active);
        Show("upstream_rq_pending_active", "Requests that wait for a connection.", c => c.State.Breaker.Pending);
        Show("upstream_cx_active", "Open connections.", c => c.Pool.Members.Sum(member => member.State.Connections));
        Show("outlier_detection_ejections_active", "Members ejected now.", c => c.Pool.Members.Count(member => member.State.Health.IsEjected));
        Show("membership_total", "Members.", c => c.Pool.Members.Length);
        Show("membership_healthy", "Members that are given traffic.", c => c.Pool.Members.Count(member => !member.State.Health.IsOut));
        registry.AddBeforeCollectCallback(Collect);

        void Count(string name, string help, Func<CompiledCluster, double> value) => counters.Add((metrics.CreateCounter(Prefix + name, help, "cluster_name"), value));

        void Show(string name, string help, Func<CompiledCluster, double> value) => gauges.Add((metrics.CreateGauge(Prefix + name, help, "cluster_name"), value));
    }

    private void Collect()
    {
        if (state.Current is not { } snapshot) return;
        lock (told)
        {
            var live = snapshot.Clusters.Where(HasSomethingToSay).ToArray();
            foreach (var gone in told.Except(live.Select(cluster => cluster.Name)).ToArray()) Forget(gone);
            foreach (var cluster in live)
            {
                told.Add(cluster.Name);
                foreach (var (counter, value) in counters) counter.WithLabels(cluster.Name).IncTo(value(cluster));
                foreach (var (gauge, value) in gauges) gauge.WithLabels(cluster.Name).Set(value(cluster));
            }
        }
    }

    private void Forget(string cluster)
    {
        told.Remove(cluster);
        foreach (var (counter, _) in counters) counter.RemoveLabelled(cluster);
        foreach (var (gauge, _) in gauges) gauge.RemoveLabelled(cluster);
    }

    private static bool HasSomethingToSay(CompiledCluster cluster) =>
        cluster.Config is not { Pool: null, Outliers: null, HealthCheck: null } || cluster.State.Retries > 0 || cluster.State.RetriesOverBudget > 0;
}
