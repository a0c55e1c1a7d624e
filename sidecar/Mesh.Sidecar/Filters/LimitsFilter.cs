namespace Mesh.Sidecar.Filters;

/// <summary>Time and tries of this request: the route's, changed by what the caller asks for as Envoy's clients do.</summary>
public sealed class LimitsFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        var route = exchange.Route;
        exchange.Limits = RequestLimits.Of(route?.Config.Timeout, route?.Retry ?? RetryTerms.None, exchange.Headers);
        return NextAsync(exchange);
    }
}
