using Mesh.Config;
using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>Sends the client elsewhere, where the route says so.</summary>
public sealed class RedirectFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.Route?.Redirect is { } redirect)
        {
            exchange.Reject(new Rejection(redirect.Status, ResponseFlag.None, "")
            {
                Headers = [new HeaderValue("location", redirect.LocationFor(exchange))],
                Details = "direct_response",
            });
        }

        return NextAsync(exchange);
    }
}
