using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.DnsProxy;
using Mesh.Sidecar.Http;
using Prometheus;

namespace Mesh.Sidecar.Telemetry;

/// <summary>What the proxy says of itself, beside Istio's metrics of the traffic.</summary>
public static class ProcessMetrics
{
    /// <summary>Adds the gauges; they are read when somebody asks.</summary>
    public static void Register(CollectorRegistry registry, ProxyState state, AccessLog log, DrainGate drain, HandshakeCount asClient, HandshakeCount asServer, DnsCounts dns)
    {
        var metrics = Metrics.WithCustomRegistry(registry);
        var revision = metrics.CreateGauge("mesh_proxy_config_revision", "Revision of the config in force; 0 before the first.");
        var refused = metrics.CreateGauge("mesh_proxy_config_refused", "1 while the newest config is one that was refused.");
        var open = metrics.CreateGauge("mesh_proxy_connections_open", "Captured connections open now.");
        var dropped = metrics.CreateCounter("mesh_proxy_access_log_dropped_total", "Access-log lines dropped because their reader did not keep up.");
        var handshakes = metrics.CreateCounter("mesh_proxy_tls_handshakes_total", "Handshakes of mutual TLS; connections are kept, so they are far fewer than requests.", "side", "result");
        var names = metrics.CreateCounter("mesh_proxy_dns_requests_total", "DNS queries of the application: answered by the mesh's table, by the pod's name servers, failed as none of these answered, or dropped.", "result");
        // Names of its own: those that every library writes are the application's in an answer that holds both.
        var memory = metrics.CreateGauge("mesh_proxy_process_resident_memory_bytes", "Resident memory.");
        var cpu = metrics.CreateCounter("mesh_proxy_process_cpu_seconds_total", "CPU time.");
        var allocated = metrics.CreateCounter("mesh_proxy_gc_allocated_bytes_total", "Bytes allocated on the managed heap.");
        var collections = metrics.CreateCounter("mesh_proxy_gc_collections_total", "Garbage collections of the youngest generation.");
        metrics.CreateGauge("envoy_server_concurrency", "Threads that work at once.").Set(Environment.ProcessorCount);
        registry.AddBeforeCollectCallback(() =>
        {
            revision.Set(state.Report.Revision);
            refused.Set(state.Report.Refused is null ? 0 : 1);
            open.Set(drain.Open);
            dropped.IncTo(log.Dropped);
            handshakes.WithLabels("client", "made").IncTo(asClient.Made);
            handshakes.WithLabels("client", "failed").IncTo(asClient.Failed);
            handshakes.WithLabels("server", "made").IncTo(asServer.Made);
            handshakes.WithLabels("server", "failed").IncTo(asServer.Failed);
            names.WithLabels("mesh").IncTo(dns.Mesh);
            names.WithLabels("upstream").IncTo(dns.PassedOn);
            names.WithLabels("failed").IncTo(dns.Failed);
            names.WithLabels("dropped").IncTo(dns.Dropped);
            memory.Set(Environment.WorkingSet);
            allocated.IncTo(GC.GetTotalAllocatedBytes());
            collections.IncTo(GC.CollectionCount(0));
            cpu.IncTo(Environment.CpuUsage.TotalTime.TotalSeconds);
        });
    }
}
