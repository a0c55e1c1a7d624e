using System.Globalization;
using System.Text;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>Gives the sidecar's own answer when the way was stopped: status, one sentence, and for gRPC its status.</summary>
public sealed class AnswerFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        var below = NextAsync(exchange);
        return below.IsCompletedSuccessfully ? Answer(exchange) : AfterAsync(below, exchange);
    }

    private static async ValueTask AfterAsync(ValueTask below, Exchange exchange)
    {
        await below;
        await Answer(exchange);
    }

    private static ValueTask Answer(Exchange exchange)
    {
        if (exchange.Rejection is not { Status: > 0 } rejection || exchange.Call is not { HasStarted: false } call) return default;
        return call.Aborted.IsCancellationRequested ? default : WriteAsync(exchange, call, rejection);
    }

    private static async ValueTask WriteAsync(Exchange exchange, ServerCall call, Rejection rejection)
    {
        call.ClearResponse();
        var response = call.Context.Response;
        response.StatusCode = call.IsGrpc ? StatusCodes.Status200OK : rejection.Status;
        var headers = new ServerHeaders(response.Headers);
        headers.Set("server", exchange.Direction == Direction.Outbound ? "envoy" : "istio-envoy");
        if (rejection.Flag.HasFlag(ResponseFlag.UO)) headers.Set("x-envoy-overloaded", "true");
        NotDelivered.Tell(exchange, response.Headers);
        foreach (var (name, value) in rejection.Headers) headers.Set(name, value);
        foreach (var cookie in exchange.GivenCookies) headers.Append("set-cookie", cookie.Line);
        var body = rejection.Body?.AsMemory() ?? Encoding.UTF8.GetBytes(rejection.Message);
        if (!body.IsEmpty) response.ContentType = "text/plain";
        if (!rejection.IsComplete) ResponseEdits.Apply(exchange, headers);
        if (call.IsGrpc)
        {
            TellGrpc(response, rejection, body.Span);
            await response.CompleteAsync();
            return;
        }

        if (rejection.Status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified))
            await WriteBodyAsync(exchange, call, body);
    }

    private static async ValueTask WriteBodyAsync(Exchange exchange, ServerCall call, ReadOnlyMemory<byte> body)
    {
        call.Context.Response.ContentLength = body.Length;
        if (body.IsEmpty || HttpMethods.IsHead(exchange.Method)) return;
        call.BytesSent = body.Length;
        try
        {
            await call.Context.Response.Body.WriteAsync(body, call.Aborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client did not wait for the answer.
        }
    }

    /// <summary>A gRPC client reads its own status, never ours; headers alone are a complete answer (trailers-only).</summary>
    private static void TellGrpc(HttpResponse response, Rejection rejection, ReadOnlySpan<byte> message)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = (rejection.GrpcStatus ?? GrpcStatusOf(rejection.Status)).ToString(CultureInfo.InvariantCulture);
        if (!message.IsEmpty) response.Headers["grpc-message"] = Uri.EscapeDataString(Encoding.UTF8.GetString(message)).Replace("%20", " ", StringComparison.Ordinal);
    }

    /// <summary>gRPC's own mapping (grpc/doc/http-grpc-status-mapping.md), as Envoy uses it.</summary>
    private static int GrpcStatusOf(int status) => status switch
    {
        400 => 13, // INTERNAL
        401 => 16, // UNAUTHENTICATED
        403 => 7, // PERMISSION_DENIED
        404 => 12, // UNIMPLEMENTED
        429 or 502 or 503 or 504 => 14, // UNAVAILABLE
        _ => 2, // UNKNOWN
    };
}
