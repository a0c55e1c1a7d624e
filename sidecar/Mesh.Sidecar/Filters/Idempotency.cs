namespace Mesh.Sidecar.Filters;

/// <summary>Whether doing a request twice is as doing it once.</summary>
internal static class Idempotency
{
    /// <summary>Its method says so (RFC 9110 section 9.2.2).</summary>
    public static bool IsOfMethod(string method) => method is "GET" or "HEAD" or "OPTIONS" or "PUT" or "DELETE" or "TRACE";

    /// <summary>Its method says so, or its client does: the application knows a request it has seen by its key.</summary>
    public static bool Of(Exchange exchange) => IsOfMethod(exchange.Method) || exchange.Headers.Get("idempotency-key") is { Length: > 0 };
}
