using Mesh.Sidecar.Telemetry;

namespace Mesh.Sidecar.Filters;

/// <summary>
/// Cross-origin requests: answers preflights, and lets browsers read the answers to the origins that the route lets in. Other
/// requests go on as they are; it is the browser that keeps their answers from the page.
/// </summary>
public sealed class CorsFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.Route?.Cors is not { } policy || exchange.Headers.Get("origin") is not { Length: > 0 } origin) return NextAsync(exchange);
        var isAllowed = policy.LetsIn(origin);
        if (isAllowed) exchange.CorsOrigin = origin;
        var isPreflight = exchange.Method == "OPTIONS" && exchange.Headers.Get("access-control-request-method") is { Length: > 0 };
        if (isPreflight && (isAllowed || policy.AnswersUnmatchedPreflights))
        {
            exchange.Reject(new Rejection(StatusCodes.Status200OK, ResponseFlag.None, "")
            {
                Headers = policy.AnswerToPreflight(exchange),
                Details = "cors_response",
                IsComplete = true,
            });
        }

        return NextAsync(exchange);
    }
}
