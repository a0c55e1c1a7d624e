using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>Writes the exchange down once everything below is done with it, however that ended.</summary>
public sealed class RecordFilter(ExchangeRecorder recorder, TimeProvider time) : Filter
{
    public override async ValueTask InvokeAsync(Exchange exchange)
    {
        try
        {
            await NextAsync(exchange, evenIfRejected: true);
        }
        finally
        {
            exchange.Times.Ended = time.GetTimestamp();
            recorder.Record(exchange);
        }
    }
}
