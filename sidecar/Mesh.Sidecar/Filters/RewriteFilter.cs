namespace Mesh.Sidecar.Filters;

/// <summary>Changes path and host; what the client asked for stands in x-envoy-original-path and -host, and in the log.</summary>
public sealed class RewriteFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.Route?.Rewrite is not { } rewrite) return NextAsync(exchange);
        if (rewrite.Authority is { } authority) SetAuthority(exchange, authority);
        if (rewrite.ChangesPath)
        {
            exchange.Headers.Set("x-envoy-original-path", exchange.Path + exchange.Query);
            exchange.Path = rewrite.PathFor(exchange.Path);
        }

        return NextAsync(exchange);
    }

    internal static void SetAuthority(Exchange exchange, string authority)
    {
        if (exchange.Headers.Get("x-envoy-original-host") is null) exchange.Headers.Set("x-envoy-original-host", exchange.Authority);
        exchange.Authority = authority;
    }
}
