using Mesh.Sidecar.Config;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Routing;
using Mesh.Sidecar.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Sidecar.Http;

/// <summary>Makes an exchange of every request that Kestrel parsed and sends it through the pipeline.</summary>
public sealed class LaneApplication(ProxyState state, Pipeline pipeline, DrainGate drain, TimeProvider time) : IHttpApplication<DefaultHttpContext>
{
    public DefaultHttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        // Kestrel keeps the container with the connection: one context serves all its requests.
        if (contextFeatures is not IHostContextContainer<DefaultHttpContext> container) return new DefaultHttpContext(contextFeatures);
        if (container.HostContext is { } reused) reused.Initialize(contextFeatures);
        else container.HostContext = new DefaultHttpContext(contextFeatures);
        return container.HostContext;
    }

    public void DisposeContext(DefaultHttpContext context, Exception? exception) => context.Uninitialize();

    public async Task ProcessRequestAsync(DefaultHttpContext context)
    {
        var exchange = CreateExchange(context);
        if (drain.IsDraining) exchange.Call!.CloseConnection();
        await (exchange.Direction == Direction.Outbound ? pipeline.Outbound : pipeline.Inbound).InvokeAsync(exchange);
    }

    private Exchange CreateExchange(DefaultHttpContext context)
    {
        var request = context.Request;
        var captured = context.Features.Get<CapturedConnection>()
            ?? throw new InvalidOperationException("A request on a lane without a captured connection.");
        var snapshot = state.Current!;
        var rawTarget = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var problem = RequestForm.ProblemOf(request, rawTarget);
        var raw = OriginForm(rawTarget);
        var understood = RequestTarget.TryParse(raw, snapshot.Mesh.PathNormalization, out var target);
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true;
        var tee = hasBody ? new RequestTee(request.Body) : null;
        if (tee is not null) request.Body = tee;

        var exchange = new Exchange
        {
            Direction = captured.Direction,
            Snapshot = snapshot,
            Method = request.Method,
            Scheme = "http",
            Authority = request.Host.Value is { Length: > 0 } host ? host : AddressOf(captured),
            Path = target.Path,
            Query = target.Query,
            Protocol = request.Protocol,
            Headers = new ServerHeaders(request.Headers),
            OriginalDestination = captured.IsAddressed ? null : captured.OriginalDestination,
            DownstreamRemote = captured.Peer,
            DownstreamLocal = captured.OriginalDestination,
            MutualTls = captured.MutualTls,
            ServerName = captured.ServerName,
            Call = new ServerCall(context, tee),
        };
        exchange.Times.Arrived = time.GetUtcNow();
        exchange.Times.Started = time.GetTimestamp();
        if (HttpMethods.IsConnect(exchange.Method)) exchange.Reject(501, ResponseFlag.None, "CONNECT is not carried on a port of HTTP; declare the port as tcp.");
        if (problem is not null) Refuse(exchange, problem);
        if (!understood) exchange.Reject(400, ResponseFlag.DPE, "The path of the request cannot be normalised.");
        return exchange;
    }

    // Where a request ends is not known for sure: what follows on the connection is not read any more.
    private static void Refuse(Exchange exchange, Rejection problem)
    {
        exchange.Reject(problem);
        if (exchange.Protocol != "HTTP/2") exchange.Call!.CloseConnection();
    }

    // HTTP/1.0 may leave out the host: the address it connected to is all it says, and one of the names services go by.
    private static string AddressOf(CapturedConnection captured) =>
        captured is { Direction: Direction.Outbound, OriginalDestination: { } destination } ? destination.ToString() : "";

    // "GET http://host/path": Kestrel took the host out of it; the path is what comes after.
    private static string OriginForm(string target)
    {
        if (target.Length == 0 || target[0] is '/' or '*') return target;
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return target; // authority form (CONNECT)
        var path = target.AsSpan(scheme + 3).IndexOfAny('/', '?');
        if (path < 0) return "/";
        var rest = target[(scheme + 3 + path)..];
        return rest[0] == '/' ? rest : "/" + rest;
    }
}
