using System.Globalization;

namespace Mesh.Sidecar.Filters;

/// <summary>The time the whole request may take: the route's, unless the caller asks for another one as Envoy's clients do.</summary>
public sealed class TimeoutFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        exchange.Timeout = exchange.Route?.Config.Timeout;
        if (exchange.Headers.Get("x-envoy-upstream-rq-timeout-ms") is { } asked)
        {
            if (long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= int.MaxValue)
                exchange.Timeout = milliseconds == 0 ? null : TimeSpan.FromMilliseconds(milliseconds);
            exchange.Headers.Remove("x-envoy-upstream-rq-timeout-ms"); // meant for this hop alone
        }

        return NextAsync(exchange);
    }
}
