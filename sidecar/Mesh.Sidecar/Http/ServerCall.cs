using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Mesh.Sidecar.Forwarding;

namespace Mesh.Sidecar.Http;

/// <summary>
/// The lane's end of one exchange: the request as the server received it and the response it will send. The forwarder and the
/// step that answers for the sidecar itself reach the bytes through it; no other step does.
/// </summary>
public sealed class ServerCall(HttpContext context, RequestTee? body)
{
    /// <summary>The server's view; for the forwarder only.</summary>
    internal HttpContext Context { get; } = context;

    /// <summary>The request's body; <c>null</c> when it has none.</summary>
    public RequestTee? Body { get; } = body;

    /// <summary>Cancelled when the client goes away.</summary>
    public CancellationToken Aborted { get; } = context.RequestAborted;

    /// <summary>Whether response headers went down: nothing can be taken back any more.</summary>
    public bool HasStarted => Context.Response.HasStarted;

    /// <summary>Status sent, or about to be.</summary>
    public int Status => Context.Response.StatusCode;

    /// <summary>Bytes of request body taken from the client.</summary>
    public long BytesReceived => Body?.BytesRead ?? 0;

    /// <summary>Bytes of response body given to the client.</summary>
    public long BytesSent { get; set; }

    /// <summary>Response header, for log and metrics.</summary>
    public string? ResponseHeader(string name) => Context.Response.Headers.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>Response trailer, for metrics.</summary>
    public string? ResponseTrailer(string name) =>
        Context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { } trailers && trailers.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>Whether the request is gRPC, by its content type.</summary>
    public bool IsGrpc => Context.Request.ContentType is { } type && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && !type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase);

    /// <summary>Asks the server to close the connection after this response (HTTP/1.1) or to send GOAWAY (HTTP/2).</summary>
    public void CloseConnection() => Context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();

    /// <summary>Takes back what was prepared of a response, for the next try or for an answer of our own.</summary>
    internal void ClearResponse()
    {
        Context.Response.Clear();
        Context.Response.StatusCode = StatusCodes.Status200OK;
        var response = Context.Features.Get<IHttpResponseFeature>();
        if (response is not null) response.ReasonPhrase = null;
    }
}
