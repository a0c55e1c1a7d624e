namespace Mesh.Bookinfo;

/// <summary>
/// Headers that an application must pass on for a mesh to tie its requests together: nobody else knows which outgoing
/// request belongs to which incoming one.
/// </summary>
public static class ForwardedHeaders
{
    private static readonly string[] Names =
    [
        "x-request-id",
        // Trace contexts: W3C, B3 (one header or several), and the cloud providers'.
        "traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags",
        "x-ot-span-context", "x-cloud-trace-context", "grpc-trace-bin", "sw8",
        "x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-sampling-priority",
        // What routes may match on.
        "end-user", "user-agent", "cookie", "authorization", "jwt",
    ];

    /// <summary>Those of the incoming request that travel on.</summary>
    public static Dictionary<string, string> From(HttpRequest request)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in Names)
            if (request.Headers.TryGetValue(name, out var value))
                headers[name] = value.ToString();
        return headers;
    }
}
