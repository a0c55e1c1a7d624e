using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Sidecar.Connections;
using Mesh.Sidecar.Filters;
using Mesh.Sidecar.Http;
using Mesh.Sidecar.Health;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Mesh.Sidecar.Forwarding;

/// <summary>
/// Copies one try's headers both ways, unchanged but for what belongs to one connection (RFC 9110 section 7.6.1) and for the
/// headers Istio's proxies are known to set. Nothing is taken over from the library's own copying: it drops headers that
/// are none of its business (traceparent, Upgrade-Insecure-Requests, Proxy-Authorization, Alt-Svc).
/// </summary>
internal sealed class TryTransformer(
    Exchange exchange, string prefix, TryClock? clock, Func<TryResult, bool>? holdBack, TimeProvider time) : HttpTransformer
{
    // The path is sent byte for byte as it was matched: no second opinion on dots, slashes or escapes.
    internal static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private HttpRequestMessage? request;

    /// <summary>No connection was opened for this try.</summary>
    public bool ConnectionWasReused => request is not null && !request.Options.TryGetValue(UpstreamClient.Dialled, out _);

    /// <summary>The request's place among those its cluster allows; <c>null</c> without limits.</summary>
    public Admission? Place { get; init; }

    /// <summary>What its connection begins with; <c>null</c>: nothing.</summary>
    public ProxyHeader? Header { get; init; }

    /// <summary>Whether the response was kept from the client.</summary>
    public bool HeldBack { get; private set; }

    /// <summary>Status of the response; 0 before.</summary>
    public int Status { get; private set; }

    /// <summary><c>grpc-status</c> among the headers.</summary>
    public int? GrpcStatus { get; private set; }

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        request = proxyRequest;
        if (Place is { } place) proxyRequest.Options.Set(UpstreamClient.Place, place);
        if (Header is not null) proxyRequest.Options.Set(UpstreamClient.Header, Header);
        var headers = httpContext.Request.Headers;
        var chunked = headers.TransferEncoding.Count > 0;
        var connection = headers.Connection;
        foreach (var (name, values) in headers)
        {
            if (OfOneConnection(name, connection)) continue;
            if (chunked && name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)) continue; // RFC 9112 section 6.3
            Add(httpContext, proxyRequest, name, values);
        }

        if (proxyRequest.Version.Major == 2 && headers.TE.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase))
            proxyRequest.Headers.TryAddWithoutValidation("TE", "trailers");
        if (exchange.Authority.Length > 0) proxyRequest.Headers.TryAddWithoutValidation("Host", exchange.Authority);
        proxyRequest.RequestUri = new Uri(string.Concat(prefix, exchange.Path, exchange.Query), AsItIs);
        return default;
    }

    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null) return new(false);
        Place?.Connected();
        exchange.Times.ResponseHeaders = time.GetTimestamp();
        Status = (int)proxyResponse.StatusCode;
        if (proxyResponse.Headers.NonValidated.TryGetValues("grpc-status", out var grpc) && int.TryParse(grpc.ToString(), out var number)) GrpcStatus = number;
        if (holdBack is not null && holdBack(Answer(proxyResponse)))
        {
            HeldBack = true;
            return new(false);
        }

        exchange.Call!.Body?.Release();
        var response = httpContext.Response.Headers;
        Copy(proxyResponse.Headers.NonValidated, response);
        Copy(proxyResponse.Content.Headers.NonValidated, response);
        var elapsed = time.GetElapsedTime(exchange.Times.UpstreamStarted, exchange.Times.ResponseHeaders);
        response["x-envoy-upstream-service-time"] = ((long)elapsed.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        foreach (var cookie in exchange.GivenCookies) response.Append("Set-Cookie", cookie.Line);
        response.Server = exchange.Direction == Direction.Outbound ? "envoy" : "istio-envoy";
        if (exchange.EditsResponse) ResponseEdits.Apply(exchange, new ServerHeaders(response));

        if (IsTunnel(proxyResponse)) clock?.Disarm();
        else
        {
            clock?.HeadersArrived();
            proxyResponse.Content = new ResponseTap(proxyResponse.Content, exchange.Call);
        }

        return new(true);
    }

    private TryResult Answer(HttpResponseMessage response) => new(
        TryEnd.HeldBack,
        Status,
        GrpcStatus,
        Overloaded: response.Headers.Contains("x-envoy-overloaded"),
        RateLimited: response.Headers.Contains("x-envoy-ratelimited"),
        HasRetriableHeader: HasAny(response, exchange.Limits.Retry.HeaderNames),
        NotDelivered: NotDelivered.IsTold(exchange, response));

    private static bool HasAny(HttpResponseMessage response, ImmutableArray<string> names)
    {
        foreach (var name in names)
        {
            if (response.Headers.NonValidated.Contains(name) || response.Content.Headers.NonValidated.Contains(name)) return true;
        }

        return false;
    }

    private static bool IsTunnel(HttpResponseMessage response) =>
        response.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols || response.RequestMessage?.Method == HttpMethod.Connect;

    private void Add(HttpContext context, HttpRequestMessage message, string name, StringValues values)
    {
        if (values.Count == 1 ? message.Headers.TryAddWithoutValidation(name, values[0]) : message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values)) return;

        // Content-Type and its kin can only stand with a content, also where there is no body.
        message.Content ??= EmptyContent(context);
        message.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }

    // The forwarder takes no content but its own kind of an empty one, which only its own copying makes.
    private HttpContent? EmptyContent(HttpContext context)
    {
        var scratch = new HttpRequestMessage();
        base.TransformRequestAsync(context, scratch, prefix, CancellationToken.None).GetAwaiter().GetResult();
        var content = scratch.Content;
        scratch.Content = null;
        content?.Headers.Clear();
        return content;
    }

    private static void Copy(HttpHeadersNonValidated from, IHeaderDictionary to)
    {
        foreach (var (name, values) in from)
        {
            if (OfOneConnection(name, default) || name.Equals(NotDelivered.Header, StringComparison.OrdinalIgnoreCase)) continue;
            to[name] = values.Count == 1 ? values.ToString() : ToArray(values);
        }
    }

    private static string[] ToArray(HeaderStringValues values)
    {
        var array = new string[values.Count];
        var i = 0;
        foreach (var value in values) array[i++] = value;
        return array;
    }

    /// <summary>Whether a header belongs to one connection only (RFC 9110 section 7.6.1), or is set apart.</summary>
    internal static bool OfOneConnection(string name, StringValues connection)
    {
        switch (name.Length)
        {
            case 0:
            case > 0 when name[0] == ':':
                return true;
            case 2 when name.Equals("TE", StringComparison.OrdinalIgnoreCase):
            case 4 when name.Equals("Host", StringComparison.OrdinalIgnoreCase): // set from the exchange
            case 7 when name.Equals("Upgrade", StringComparison.OrdinalIgnoreCase): // put back by the forwarder when it is one
            case 10 when name.Equals("Connection", StringComparison.OrdinalIgnoreCase) || name.Equals("Keep-Alive", StringComparison.OrdinalIgnoreCase):
            case 14 when name.Equals("HTTP2-Settings", StringComparison.OrdinalIgnoreCase): // an h2c upgrade we do not carry on
            case 16 when name.Equals("Proxy-Connection", StringComparison.OrdinalIgnoreCase):
            case 17 when name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase):
                return true;
        }

        if (connection.Count == 0) return false;
        foreach (var value in connection)
        {
            foreach (var token in value.AsSpan().Split(','))
            {
                if (value.AsSpan()[token].Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
            }
        }

        return false;
    }
}
