using System.Net;
using Mesh.Config;
using Mesh.Sidecar.Config;
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
        var call = exchange.Call!;
        var endpoint = exchange.Endpoint!;
        var client = clients.Use(endpoint, exchange.Cluster!, exchange.Direction == Direction.Inbound);
        var transformer = new TryTransformer(exchange, client.Prefix, clock, holdBack, time);
        var failed = true;
        endpoint.State.Begin();
        exchange.Times.UpstreamStarted = time.GetTimestamp();
        try
        {
            var error = await forwarder.SendAsync(
                call.Context, client.Prefix, client.Invoker, SpeaksHttp2(exchange, exchange.Cluster!) ? Http2 : Http1, transformer, clock?.Token ?? CancellationToken.None);
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
    /// What the endpoint is spoken to in: as declared, else as the client does. Inbound, the application is always spoken to
    /// as the client does. gRPC cannot be carried in HTTP/1.1, so it stays HTTP/2 on a port declared as http.
    /// </summary>
    internal static bool SpeaksHttp2(Exchange exchange, CompiledCluster cluster)
    {
        var asClient = exchange.Protocol == "HTTP/2";
        if (exchange.Direction == Direction.Inbound) return asClient;
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
