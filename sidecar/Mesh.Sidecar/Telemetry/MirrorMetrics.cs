using Mesh.Sidecar.Forwarding;
using Prometheus;

namespace Mesh.Sidecar.Telemetry;

/// <summary>What became of copies of requests; they are in no other metric of requests, and in no log.</summary>
public static class MirrorMetrics
{
    /// <summary>Adds the counter.</summary>
    public static void Register(CollectorRegistry registry, MirrorSender mirrors)
    {
        var copies = Metrics.WithCustomRegistry(registry).CreateCounter(
            "mesh_proxy_mirrored_requests_total",
            "Copies of requests: answered; failed (no answer or no endpoint); dropped (body over 1 MiB or not sent to its end, or too many copies under way).",
            "result");
        registry.AddBeforeCollectCallback(() =>
        {
            copies.WithLabels("answered").IncTo(mirrors.Sent);
            copies.WithLabels("failed").IncTo(mirrors.Failed);
            copies.WithLabels("dropped").IncTo(mirrors.Dropped);
        });
    }
}
