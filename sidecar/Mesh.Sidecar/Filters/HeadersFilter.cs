using Mesh.Sidecar.Routing;

namespace Mesh.Sidecar.Filters;

/// <summary>Changes request headers as the route says, then as the destination drawn says. For the answer see ResponseEdits.</summary>
public sealed class HeadersFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.Route?.RequestHeaders is { } ofRoute) Apply(ofRoute, exchange);
        if (exchange.Destination?.RequestHeaders is { } ofDestination) Apply(ofDestination, exchange);
        return NextAsync(exchange);
    }

    private static void Apply(HeaderEdits edits, Exchange exchange)
    {
        edits.Apply(exchange.Headers, exchange);
        // The host is a header to a rule, and the authority to everybody else.
        if (edits.SetsHost && exchange.Headers.Get("host") is { Length: > 0 } host) RewriteFilter.SetAuthority(exchange, host);
    }
}
