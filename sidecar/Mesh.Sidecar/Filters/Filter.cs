namespace Mesh.Sidecar.Filters;

// The steps of the pipeline. What enters and leaves: an Exchange, and nothing else. A step completes synchronously unless it
// truly waits, and stops the way only through Exchange.Reject. What never happens here: a look at how bytes are carried.

/// <summary>One step of a request's way.</summary>
public abstract class Filter
{
    private Filter? next;

    /// <summary>Does its part and sends the exchange on.</summary>
    public abstract ValueTask InvokeAsync(Exchange exchange);

    /// <summary>Links steps in the order given; returns the first.</summary>
    public static Filter Chain(params ReadOnlySpan<Filter> steps)
    {
        for (var i = 0; i < steps.Length - 1; i++) steps[i].next = steps[i + 1];
        return steps[0];
    }

    /// <summary>The steps below. None of them sees an exchange that was rejected, but for the one that answers it.</summary>
    protected ValueTask NextAsync(Exchange exchange, bool evenIfRejected = false) =>
        next is null || (exchange.Rejection is not null && !evenIfRejected) ? default : next.InvokeAsync(exchange);
}
