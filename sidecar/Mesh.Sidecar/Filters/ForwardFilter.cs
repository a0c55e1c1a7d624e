using System.Globalization;
using Mesh.Sidecar.Balancing;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>The last step: tries an endpoint, and another as long as the retry policy, the budget and the time allow.</summary>
public sealed class ForwardFilter(EndpointPicker picker, Forwarder forwarder, TimeProvider time) : Filter
{
    public override async ValueTask InvokeAsync(Exchange exchange)
    {
        var call = exchange.Call!;
        var cluster = exchange.Cluster!;
        using var clock = ClockFor(exchange, call);
        cluster.State.Begin();
        try
        {
            exchange.Attempts = 1;
            exchange.Endpoint = picker.Pick(cluster, exchange.OriginalDestination);
            if (exchange.Endpoint is null)
            {
                exchange.Reject(503, ResponseFlag.UH, NoEndpoint(exchange));
                return;
            }

            if (exchange.Direction == Direction.Outbound) exchange.Headers.Set("x-envoy-attempt-count", "1");
            clock?.BeginTry();
            exchange.LastTry = await forwarder.SendAsync(exchange, clock, holdBack: null);
            Conclude(exchange, call);
        }
        finally
        {
            cluster.State.End();
        }
    }

    private TryClock? ClockFor(Exchange exchange, ServerCall call)
    {
        var timeout = exchange.Timeout;
        var perTry = exchange.Route?.Config.Retry?.PerTryTimeout;
        if (timeout is null && perTry is null) return null;
        var clock = new TryClock(timeout, perTry, time);
        if (call.Body is { } body) body.Ended = clock.Start;
        else clock.Start();
        return clock;
    }

    private static string NoEndpoint(Exchange exchange) =>
        exchange.Cluster!.Pool.Failure is { } failure
            ? $"{exchange.ClusterName} has no endpoint: {failure}"
            : $"{exchange.ClusterName} has no healthy endpoint.";

    /// <summary>Turns the last try into what log and client see.</summary>
    private static void Conclude(Exchange exchange, ServerCall call)
    {
        var last = exchange.LastTry;
        if (last.End == TryEnd.Answered) return;
        var (status, flag, message) = TryVerdict.Of(last, exchange);
        exchange.Reject(status, flag, message);
    }
}
