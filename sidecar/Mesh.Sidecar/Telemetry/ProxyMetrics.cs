using System.Collections.Concurrent;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Prometheus;

namespace Mesh.Sidecar.Telemetry;

/// <summary>
/// Istio's metrics by name and label. A request finds its series by reference and adds to it; label texts are put together
/// once per series. At most <see cref="MaxSeries"/> series are made; what comes after counts under <c>other</c>.
/// </summary>
public sealed class ProxyMetrics
{
    /// <summary>Bound of the distinct label sets of requests, and of those of TCP connections.</summary>
    public const int MaxSeries = 5000;

    // Istio's own, in milliseconds and bytes.
    internal static readonly double[] Buckets = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000];

    private readonly Counter requests;
    private readonly Histogram duration;
    private readonly Histogram requestBytes;
    private readonly Histogram responseBytes;
    private readonly Counter tcpOpened;
    private readonly Counter tcpClosed;
    private readonly Counter tcpSent;
    private readonly Counter tcpReceived;
    private readonly ConcurrentDictionary<RequestKey, RequestSeries> requestSeries = new();
    private readonly ConcurrentDictionary<TcpKey, TcpSeries> tcpSeries = new();
    private readonly HashSet<string> made = [];

    public ProxyMetrics(CollectorRegistry registry)
    {
        var metrics = Metrics.WithCustomRegistry(registry);
        var http = new HistogramConfiguration { Buckets = Buckets };
        requests = metrics.CreateCounter("istio_requests_total", "Requests.", MetricLabels.Request);
        duration = metrics.CreateHistogram("istio_request_duration_milliseconds", "Duration of requests.", MetricLabels.Request, http);
        requestBytes = metrics.CreateHistogram("istio_request_bytes", "Size of request bodies.", MetricLabels.Request, http);
        responseBytes = metrics.CreateHistogram("istio_response_bytes", "Size of response bodies.", MetricLabels.Request, http);
        tcpOpened = metrics.CreateCounter("istio_tcp_connections_opened_total", "TCP connections opened.", MetricLabels.Tcp);
        tcpClosed = metrics.CreateCounter("istio_tcp_connections_closed_total", "TCP connections closed.", MetricLabels.Tcp);
        tcpSent = metrics.CreateCounter("istio_tcp_sent_bytes_total", "Bytes sent to the client.", MetricLabels.Tcp);
        tcpReceived = metrics.CreateCounter("istio_tcp_received_bytes_total", "Bytes received from the client.", MetricLabels.Tcp);
    }

    /// <summary>Forgets which config object a series belongs to; the series themselves go on.</summary>
    public void OnSwapped()
    {
        requestSeries.Clear();
        tcpSeries.Clear();
    }

    /// <summary>Counts a request that ended.</summary>
    public void Count(Exchange exchange, int status, int? grpcStatus, bool isGrpc, double milliseconds)
    {
        var key = new RequestKey(exchange.Direction, exchange.Cluster, exchange.Endpoint, status, grpcStatus, isGrpc, exchange.Flags, exchange.MutualTls?.Uri);
        var series = requestSeries.TryGetValue(key, out var known) ? known : requestSeries.GetOrAdd(key, k => MakeRequest(exchange, k));
        series.Requests.Inc();
        series.Duration.Observe(milliseconds);
        series.RequestBytes.Observe(exchange.Call?.BytesReceived ?? 0);
        series.ResponseBytes.Observe(exchange.Call?.BytesSent ?? 0);
    }

    /// <summary>The counters of a TCP connection.</summary>
    public TcpSeries Tcp(ProxySnapshot snapshot, Direction direction, CompiledCluster? cluster, CompiledEndpoint? endpoint, ResponseFlag flags, MutualTlsPeer? peer)
    {
        var key = new TcpKey(direction, cluster, endpoint, flags, peer?.Uri);
        return tcpSeries.TryGetValue(key, out var known) ? known : tcpSeries.GetOrAdd(key, k =>
        {
            var labels = Bounded(MetricLabels.OfTcp(snapshot.Config, k.Direction, k.Cluster, k.Endpoint, k.Flags, k.Peer));
            return new TcpSeries(tcpOpened.WithLabels(labels), tcpClosed.WithLabels(labels), tcpSent.WithLabels(labels), tcpReceived.WithLabels(labels));
        });
    }

    private RequestSeries MakeRequest(Exchange exchange, RequestKey key)
    {
        var labels = Bounded(MetricLabels.OfRequest(exchange.Snapshot.Config, key));
        return new RequestSeries(
            requests.WithLabels(labels), duration.WithLabels(labels), requestBytes.WithLabels(labels), responseBytes.WithLabels(labels));
    }

    private string[] Bounded(string[] labels)
    {
        var text = string.Join('\u001f', labels);
        lock (made)
        {
            if (made.Contains(text)) return labels;
            if (made.Count < MaxSeries)
            {
                made.Add(text);
                return labels;
            }
        }

        Array.Fill(labels, "other");
        return labels;
    }

    private sealed record RequestSeries(Counter.Child Requests, Histogram.Child Duration, Histogram.Child RequestBytes, Histogram.Child ResponseBytes);

    private readonly record struct TcpKey(Direction Direction, CompiledCluster? Cluster, CompiledEndpoint? Endpoint, ResponseFlag Flags, string? Peer);
}
