namespace Mesh.Sidecar.Filters;

/// <summary>
/// Time and tries of this request: the route's, changed by what the caller asks for as Envoy's clients do. A route with
/// faults has neither: what they are to show would be mended or cut short by them.
/// </summary>
public sealed class LimitsFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        var route = exchange.Route;
        var (timeout, retry) = route is null or { Config.Fault: not null } ? (null, RetryTerms.None) : (route.Config.Timeout, route.Retry);
        exchange.Limits = RequestLimits.Of(timeout, retry, exchange.Headers);
        return NextAsync(exchange);
    }
}
