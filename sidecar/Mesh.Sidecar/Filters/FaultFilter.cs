using Mesh.Config;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>Puts the route's faults into the way: a delay, an abort, one after the other, each by its own chance.</summary>
public sealed class FaultFilter(Random random, TimeProvider time) : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.Route?.Config.Fault is not { } fault) return NextAsync(exchange);
        if (fault.Delay is { } delay && IsDrawn(fault.DelayPercent)) return DelayAsync(exchange, fault, delay);
        Abort(exchange, fault);
        return NextAsync(exchange);
    }

    private async ValueTask DelayAsync(Exchange exchange, Fault fault, TimeSpan delay)
    {
        exchange.Flags |= ResponseFlag.DI;
        try
        {
            await Task.Delay(delay, time, exchange.Call?.Aborted ?? CancellationToken.None);
        }
        catch (OperationCanceledException)
        {
            exchange.LastTry = new TryResult(TryEnd.ClientGone);
            exchange.Reject(0, ResponseFlag.DC, "The client went away.");
            return;
        }

        Abort(exchange, fault);
        await NextAsync(exchange);
    }

    private void Abort(Exchange exchange, Fault fault)
    {
        if ((fault.AbortStatus ?? fault.AbortGrpcStatus) is null || !IsDrawn(fault.AbortPercent)) return;
        exchange.Reject(new Rejection(fault.AbortStatus ?? StatusCodes.Status200OK, ResponseFlag.FI, "fault filter abort")
        {
            GrpcStatus = fault.AbortGrpcStatus,
            Details = "fault_filter_abort",
        });
    }

    // Finer than any percentage can be written: 0 is never, 100 is always.
    private bool IsDrawn(double percent) => percent > 0 && random.NextDouble() * 100 < percent;
}
