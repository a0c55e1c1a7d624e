using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Health;
using Mesh.Sidecar.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Sidecar.Forwarding;

// The client's end of the pipeline. What enters: an exchange whose endpoint is chosen. What leaves: one try on the wire and
// what came of it. What never happens here: a choice of endpoint, a second try, a status of our own.

/// <summary>Carries out one try, with YARP's forwarder behind this one adapter.</summary>
public sealed class Forwarder(IHttpForwarder forwarder, UpstreamClients clients, TimeProvider time, ILogger log)
{
    // Idle streams are the application's business: the route's timeouts are the only ones.
    private static readonly ForwarderRequestConfig Http1 = new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        ActivityTimeout = Timeout.InfiniteTimeSpan,
    };

    private static readonly ForwarderRequestConfig Http2 = Http1 with { Version = HttpVersion.Version20 };

    /// <summary>Sends the exchange to its endpoint. <paramref name="holdBack"/> may keep a response from the client for another try.</summary>
    public async ValueTask<TryResult> SendAsync(Exchange exchange, TryClock? clock, Func<TryResult, bool>? holdBack)
    {
        var version = SpeaksHttp2(exchange, exchange.Cluster!) ? Http2 : Http1;
        if (exchange.Cluster!.Config.Pool is not { } limits) return await CarryAsync(exchange, clock, holdBack, version, null);
        var endpoint = exchange.Endpoint!.State;
        var isHttp1 = version.Version!.Major == 1;
        // As far as is known: a connection that is free now may be taken in this very moment.
        var mustDial = exchange.Cluster.Config.ProxyProtocol is not null || (isHttp1 ? endpoint.Active >= endpoint.Connections : endpoint.Connections == 0);
        using var place = exchange.Cluster.State.Breaker.TryEnter(limits, isHttp1, mustDial);
        if (place is null) return new TryResult(TryEnd.Overflow, Reason: "overflow");
        if (!place.Turn.IsCompleted && await WaitAsync(place, exchange.Call!, clock) is { } end) return new TryResult(end, Reason: TryFailure.ReasonOf(end, null), NeverSent: true);
        return await CarryAsync(exchange, clock, holdBack, version, place);
    }

    /// <summary>Waits for a connection; what came first if that was something else.</summary>
    private static async ValueTask<TryEnd?> WaitAsync(Admission place, ServerCall call, TryClock? clock)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, clock?.Token ?? CancellationToken.None);
        try
        {
            await place.Turn.WaitAsync(either.Token);
            return null;
        }
        catch (OperationCanceledException)
        {
            return call.Aborted.IsCancellationRequested ? TryEnd.ClientGone : clock is { IsOver: true } ? TryEnd.TimedOut : TryEnd.TryTimedOut;
        }
    }

    private async ValueTask<TryResult> CarryAsync(Exchange exchange, TryClock? clock, Func<TryResult, bool>? holdBack, ForwarderRequestConfig version, Admission? place)
    {
        var call = exchange.Call!;
        var endpoint = exchange.Endpoint!;
        var client = clients.Use(endpoint, exchange.Cluster!, exchange.Direction == Direction.Inbound, version.Version!.Major == 2);
        var header = ProxyHeader.For(exchange.Cluster!.Config.ProxyProtocol, exchange.DownstreamRemote, exchange.OriginalDestination);
        var transformer = new TryTransformer(exchange, client.PrefixFor(exchange.Authority, header), clock, holdBack, time) { Place = place, Header = header };
        var failed = true;
        endpoint.State.Begin();
        exchange.Times.UpstreamStarted = time.GetTimestamp();
        try
        {
            var error = await forwarder.SendAsync(
                call.Context, client.Prefix, client.Invoker, version, transformer, clock?.Token ?? CancellationToken.None);
            var result = ResultOf(exchange, error, transformer, clock);
            failed = result.Status is 0 or >= 500;
            return result;
        }
        finally
        {
            endpoint.State.End(failed);
            client.Release();
            call.Context.Features.Set<IForwarderErrorFeature>(null);
        }
    }

    /// <summary>
    /// What the endpoint is spoken to in: as the pool says, as declared, else as the client does. Inbound, the application is always spoken to
    /// as the client does. gRPC cannot be carried in HTTP/1.1, so it stays HTTP/2 on a port declared as http.
    /// </summary>
    internal static bool SpeaksHttp2(Exchange exchange, CompiledCluster cluster)
    {
        var asClient = exchange.Protocol == "HTTP/2";
        if (exchange.Direction == Direction.Inbound) return asClient;
        if (cluster.Config.Pool is { UseClientProtocol: true }) return asClient;
        if (cluster.Config.Pool is { UpgradeToHttp2: true } && exchange.Headers.Get("upgrade") is null) return true;
        return cluster.Config.Protocol switch
        {
            AppProtocol.Http => asClient && exchange.Call!.IsGrpc,
            AppProtocol.Http2 => true,
            _ => asClient,
        };
    }

    private TryResult ResultOf(Exchange exchange, ForwarderError error, TryTransformer transformer, TryClock? clock)
    {
        var call = exchange.Call!;
        if (transformer.HeldBack) return new TryResult(TryEnd.HeldBack, transformer.Status, transformer.GrpcStatus);
        if (error == ForwarderError.None) return new TryResult(TryEnd.Answered, transformer.Status, transformer.GrpcStatus);

        var exception = call.Context.Features.Get<IForwarderErrorFeature>()?.Exception;
        var end = TryFailure.EndOf(error, exception, clientGone: call.Aborted.IsCancellationRequested, timedOut: clock?.Token.IsCancellationRequested ?? false, over: clock?.IsOver ?? false);
        if (log.IsEnabled(LogLevel.Debug)) log.LogDebug(exception, "A try to {Endpoint} of {Cluster} ended: {End} ({Error})", exchange.Endpoint!.Address, exchange.ClusterName, end, error);
        return new TryResult(end, transformer.Status, transformer.GrpcStatus, TryFailure.ReasonOf(end, exception), WasReused: transformer.ConnectionWasReused);
    }
}
