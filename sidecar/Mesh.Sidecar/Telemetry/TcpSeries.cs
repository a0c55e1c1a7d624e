using Prometheus;

namespace Mesh.Sidecar.Telemetry;

/// <summary>The counters of the TCP connections between two workloads.</summary>
public sealed record TcpSeries(Counter.Child Opened, Counter.Child Closed, Counter.Child Sent, Counter.Child Received);
