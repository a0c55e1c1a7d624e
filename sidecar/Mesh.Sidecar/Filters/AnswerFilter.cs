using System.Globalization;
using System.Text;
using Mesh.Sidecar.Forwarding;
using Mesh.Sidecar.Http;

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
        response.Headers.Server = exchange.Direction == Direction.Outbound ? "envoy" : "istio-envoy";
        NotDelivered.Tell(exchange, response.Headers);
        if (call.IsGrpc)
        {
            // A gRPC client reads its own status, never ours; headers alone are a complete answer (trailers-only).
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = "application/grpc";
            response.Headers["grpc-status"] = GrpcStatusOf(rejection.Status).ToString(CultureInfo.InvariantCulture);
            response.Headers["grpc-message"] = Uri.EscapeDataString(rejection.Message).Replace("%20", " ", StringComparison.Ordinal);
            await response.CompleteAsync();
            return;
        }

        response.StatusCode = rejection.Status;
        response.ContentType = "text/plain";
        var body = Encoding.UTF8.GetBytes(rejection.Message);
        response.ContentLength = body.Length;
        call.BytesSent = body.Length;
        try
        {
            if (!HttpMethods.IsHead(exchange.Method)) await response.Body.WriteAsync(body, call.Aborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client did not wait for the answer.
        }
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
