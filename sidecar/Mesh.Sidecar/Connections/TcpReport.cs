using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Connections;

/// <summary>Counts a connection's bytes while it lives: of one that stays open for days they would else be seen on its last.</summary>
internal sealed class TcpReport : IDisposable
{
    // As often as Istio's proxies.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    private readonly Lock counting = new();
    private readonly Splice splice;
    private readonly ITimer timer;
    private long received;
    private long sent;

    public TcpReport(Splice splice, Func<TcpSeries> series, TimeProvider time)
    {
        this.splice = splice;
        timer = time.CreateTimer(_ => Count(series()), null, Period, Period);
    }

    /// <summary>Adds what went by since the last time.</summary>
    public void Count(TcpSeries series)
    {
        lock (counting)
        {
            var (upTo, downTo) = (splice.BytesReceived, splice.BytesSent);
            series.Received.Inc(upTo - received);
            series.Sent.Inc(downTo - sent);
            (received, sent) = (upTo, downTo);
        }
    }

    public void Dispose() => timer.Dispose();
}
