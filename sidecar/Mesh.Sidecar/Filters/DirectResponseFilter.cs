namespace Mesh.Sidecar.Filters;

/// <summary>Answers in place of a destination, where the route says so.</summary>
public sealed class DirectResponseFilter : Filter
{
    public override ValueTask InvokeAsync(Exchange exchange)
    {
        if (exchange.Route?.DirectResponse is { } answer) exchange.Reject(answer);
        return NextAsync(exchange);
    }
}
