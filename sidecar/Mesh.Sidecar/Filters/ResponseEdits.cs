namespace Mesh.Sidecar.Filters;

/// <summary>What steps of the way have to say about the headers of an answer, the endpoint's or the sidecar's own, in one order.</summary>
internal static class ResponseEdits
{
    /// <summary>The route's changes, the destination's, and CORS, which browsers hold the last word on.</summary>
    public static void Apply(Exchange exchange, IHeaders response)
    {
        exchange.Route?.ResponseHeaders?.Apply(response, exchange);
        exchange.Destination?.ResponseHeaders?.Apply(response, exchange);
        if (exchange.CorsOrigin is { } origin) exchange.Route!.Cors!.Permit(response, origin);
    }
}
